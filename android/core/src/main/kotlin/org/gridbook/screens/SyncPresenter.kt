package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import org.gridbook.AnyRecord
import org.gridbook.Directory
import org.gridbook.PhoneStatus
import org.gridbook.RecordId
import org.gridbook.SyncProgress
import org.gridbook.SyncReport
import org.gridbook.Workbook

/**
 * What is on the phone, on the server, refused.
 *
 * @property loading nothing is known yet.
 * @property status how the phone stands, in numbers; [headline] says it in words.
 * @property server what the server holds, in words; [PhoneStatus.contact] is when it last answered.
 * @property onPhone records that have no receipt yet, the latest written first.
 * @property refused records that the server did not take, and why.
 * @property running an exchange is under way; [progress] says how far.
 * @property message how the last exchange ended.
 * @property notes what else came of it.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class SyncState(
    public val loading: Boolean = true,
    public val status: PhoneStatus? = null,
    public val headline: Message? = null,
    public val server: Message? = null,
    public val onPhone: List<AnyRecord> = emptyList(),
    public val refused: List<RefusedLine> = emptyList(),
    public val running: Boolean = false,
    public val progress: SyncProgress? = null,
    public val message: Message? = null,
    public val notes: List<Message> = emptyList(),
    public val problem: Problem? = null,
)

/** A record that the server did not take, and what to do about it. */
public data class RefusedLine(public val record: AnyRecord, public val reasons: List<Message>)

/** What a person does on the sync screen. */
public sealed interface SyncEvent {
    /** Exchange now. */
    public data object Start : SyncEvent

    /** Stop; what has arrived is kept. */
    public data object Cancel : SyncEvent

    /** Submit a refused record again, after its cause was seen to. */
    public data class Rescue(public val record: RecordId) : SyncEvent
}

/** Sync: one exchange at a time, with its progress; leaving the screen stops it, and nothing is lost by that. */
public class SyncPresenter(private val workbook: Workbook, scope: CoroutineScope) :
    ScreenPresenter<SyncState, SyncEvent>(scope, SyncState()) {

    private var exchange: Job? = null

    init {
        watch(workbook.server.watchStatus().map { it to travelling() }) { (status, records) ->
            val (onPhone, refused) = records
            show {
                it.copy(
                    loading = false,
                    status = status,
                    headline = status.said(),
                    server = status.server(),
                    onPhone = onPhone,
                    refused = refused,
                )
            }
        }
        watch(workbook.server.progress) { progress -> show { it.copy(progress = progress) } }
    }

    override fun saying(state: SyncState, problem: Problem?): SyncState = state.copy(problem = problem)

    override fun handle(event: SyncEvent) {
        when (event) {
            SyncEvent.Start -> start()
            SyncEvent.Cancel -> cancel()
            is SyncEvent.Rescue -> inTurn {
                workbook.records.rescue(event.record)
                show { it.copy(message = Message(Keys.RESCUED)) }
            }
        }
    }

    private fun start() {
        if (exchange?.isActive == true) return
        show { it.copy(running = true, message = null, notes = emptyList()) }
        // Undispatched: what stops it finds it begun.
        exchange = scope.launch(start = CoroutineStart.UNDISPATCHED) {
            try {
                guarded {
                    // The exchange may take a scope away, and its name with it.
                    val names = workbook.people.directory()
                    val report = workbook.server.sync()
                    show { it.copy(message = message(report), notes = notes(report, names)) }
                }
            } finally {
                show { it.copy(running = false) }
            }
        }
    }

    private fun cancel() {
        // One that another screen began; the own one may not have come to the core yet, where a cancel would be lost.
        workbook.server.cancel()
        val own = exchange?.takeIf { it.isActive } ?: return
        own.cancel()
        say(Problem(Message(Keys.CANCELLED)))
    }

    private suspend fun travelling(): Pair<List<AnyRecord>, List<RefusedLine>> {
        val refused = workbook.records.refused().map { record ->
            RefusedLine(record, workbook.records.refusals(record.id).map { Message("$REFUSAL.$it") })
        }
        return workbook.records.onPhone() to refused
    }

    private fun message(report: SyncReport): Message {
        val handedIn = report.handedIn ?: return Message(Keys.SYNCED, "sent" to report.sent, "received" to report.received)
        return Message(Keys.HANDED_IN, "changes" to handedIn.changes)
    }

    private fun notes(report: SyncReport, names: Directory): List<Message> = listOfNotNull(
        if (report.refused.isEmpty()) null else Message(Keys.SYNC_REFUSED),
        if (report.healed == 0uL) null else Message(Keys.HEALED, "n" to report.healed),
        if (report.quarantined == 0uL) null else Message(Keys.QUARANTINED, "n" to report.quarantined),
        if (report.erased.isEmpty()) null else Message(Keys.ERASED, "n" to report.erased.size),
        if (report.handedOver.isEmpty()) null else Message(Keys.HANDED_OVER, "n" to report.handedOver.size),
    ) + report.dropped.map { Message(Keys.SCOPE_DROPPED, "scope" to names.nameOfScope(it)) }
}

private fun PhoneStatus.server(): Message =
    if (contact == null) Message(Keys.NO_CONTACT) else Message(Keys.ON_SERVER, "n" to onServer)
