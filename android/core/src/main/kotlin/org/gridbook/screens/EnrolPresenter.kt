package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import org.gridbook.InvitationPreview
import org.gridbook.PhoneStatus
import org.gridbook.Workbook
import org.gridbook.readInvitation

/** How far a phone is on its way to its place. */
public enum class EnrolStep {
    /** An invitation is wanted. */
    SCAN,

    /** An invitation was read: show whose it is, and ask. */
    CONFIRM,

    /** It works on the invitation alone, without a network; the next exchange completes it. */
    BEGUN,

    /** It has its place. */
    ENROLLED,
}

/**
 * Taking an invitation.
 *
 * @property step null until it is loaded.
 * @property invitation what the code that was scanned says.
 * @property busy the server is being asked.
 * @property refused why the server did not give the place, on a phone that had begun without it.
 * @property message what came of the last event.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class EnrolState(
    public val step: EnrolStep? = null,
    public val invitation: InvitationPreview? = null,
    public val busy: Boolean = false,
    public val refused: Message? = null,
    public val message: Message? = null,
    public val problem: Problem? = null,
)

/** What a person does to enrol. */
public sealed interface EnrolEvent {
    /** What a QR code or a typed code reads. */
    public data class Scan(public val text: String) : EnrolEvent

    /** Take the invitation; without a network the phone begins on it, where it is signed. */
    public data class Join(public val label: String) : EnrolEvent

    /** Begin without asking for a network. */
    public data class BeginOffline(public val label: String) : EnrolEvent

    /** Complete what was begun offline: exchange with the server. */
    public data object Complete : EnrolEvent

    /** Scan another one. */
    public data object ScanAgain : EnrolEvent
}

/** Enrol: scan, look, join; or begin offline and complete later. */
public class EnrolPresenter(private val workbook: Workbook, scope: CoroutineScope) :
    ScreenPresenter<EnrolState, EnrolEvent>(scope, EnrolState()) {

    // As it was scanned; secret, so it is not part of the state.
    private var code: String? = null

    init {
        watch(workbook.server.watchStatus()) { status -> stood(status) }
    }

    override fun saying(state: EnrolState, problem: Problem?): EnrolState = state.copy(problem = problem)

    override fun handle(event: EnrolEvent) {
        when (event) {
            is EnrolEvent.Scan -> inTurn { read(event.text) }
            is EnrolEvent.Join -> take { code -> workbook.server.join(code, event.label) }
            is EnrolEvent.BeginOffline -> take { code -> workbook.server.beginOffline(code, event.label) }
            EnrolEvent.Complete -> busy { workbook.server.sync() }
            EnrolEvent.ScanAgain -> {
                code = null
                inTurn { stood(workbook.server.status()) }
            }
        }
    }

    private fun read(text: String) {
        val invitation = readInvitation(text)
        code = text
        show { it.copy(step = EnrolStep.CONFIRM, invitation = invitation, message = null) }
    }

    private fun take(join: suspend (String) -> Unit) = busy {
        val taken = code ?: return@busy
        join(taken)
        code = null
        // Taking a place is no edit of a record, so no flow tells of it.
        stood(workbook.server.status())
    }

    private fun busy(work: suspend () -> Unit) {
        if (state.value.busy) return
        show { it.copy(busy = true) }
        inTurn {
            try {
                work()
            } finally {
                show { it.copy(busy = false) }
            }
        }
    }

    /** Shows how the phone stands, unless an invitation is being looked at. */
    private fun stood(status: PhoneStatus) {
        if (code != null) return
        val refused = status.joining?.refused?.let { Message("$PHONE_REFUSAL.$it") }
        val (step, message) = when {
            status.enrolment != null -> EnrolStep.ENROLLED to Message(Keys.ENROLLED)
            status.joining != null -> EnrolStep.BEGUN to Message(Keys.JOINING)
            else -> EnrolStep.SCAN to Message(Keys.SCAN_INVITATION)
        }
        show { it.copy(step = step, invitation = null, refused = refused, message = message) }
    }
}
