package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import org.gridbook.Day
import org.gridbook.HouseholdRecord
import org.gridbook.Instant
import org.gridbook.Kind
import org.gridbook.NewVisit
import org.gridbook.Outcome
import org.gridbook.RecordId
import org.gridbook.Visit
import org.gridbook.VisitRecord
import org.gridbook.Workbook
import org.gridbook.writeDwelling

/** What the form of a visit is opened for. */
public sealed interface VisitTarget {
    /** A visit to a household; an unfinished one is gone on with. */
    public data class ToHousehold(public val household: RecordId) : VisitTarget

    /** A draft. */
    public data class OfDraft(public val draft: RecordId) : VisitTarget

    /** A visit that was saved: to edit it, as when a lead returned it. */
    public data class OfRecord(public val visit: RecordId) : VisitTarget
}

/**
 * The form of one visit.
 *
 * @property loading nothing is known yet.
 * @property household where the visit is; [dwelling] is how its address is written.
 * @property form what the form holds; null until it is loaded.
 * @property kept everything typed is on the disk.
 * @property saving a save is under way: the form takes nothing meanwhile.
 * @property saved the record, once there is one.
 * @property outreachFrom set by [VisitEvent.MakeOutreach]: the visit is saved, open Outreach from it.
 * @property closed the draft was thrown away: leave the screen.
 * @property message what to say at the bottom.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class VisitState(
    public val loading: Boolean = true,
    public val household: HouseholdRecord? = null,
    public val dwelling: String = "",
    public val form: Visit? = null,
    public val kept: Boolean = true,
    public val saving: Boolean = false,
    public val saved: VisitRecord? = null,
    public val outreachFrom: RecordId? = null,
    public val closed: Boolean = false,
    public val message: Message? = null,
    public val problem: Problem? = null,
)

/** What a person does in the form of a visit. Codes are of the dictionaries that `docs/DATA.md` names. */
public sealed interface VisitEvent {
    /** How it went. */
    public data class ChooseOutcome(public val outcome: Outcome?) : VisitEvent

    /** A code of `visit_purpose`. */
    public data class TogglePurpose(public val code: String) : VisitEvent

    /** A code of `hazard`. */
    public data class ToggleHazard(public val code: String) : VisitEvent

    /** What was seen and said. */
    public data class TypeNote(public val text: String) : VisitEvent

    /** What the household asks for. */
    public data class TypeRequests(public val text: String) : VisitEvent

    /** Who came along. */
    public data class TypeCompanions(public val text: String) : VisitEvent

    /** When it began. */
    public data class ChooseStarted(public val at: Instant?) : VisitEvent

    /** When it ended. */
    public data class ChooseEnded(public val at: Instant?) : VisitEvent

    /** When to come again. */
    public data class ChooseNextVisit(public val day: Day?) : VisitEvent

    /** Save the record. */
    public data object Save : VisitEvent

    /** Save what is not saved yet, and go on to an outreach with all that the visit knows. */
    public data object MakeOutreach : VisitEvent

    /** Outreach was opened: going back must not open it again. */
    public data object OutreachOpened : VisitEvent

    /** Throw the draft away. */
    public data object Discard : VisitEvent
}

/** Visit: a form that is kept from the first keystroke, checked by the core when it is saved. */
public class VisitPresenter(
    workbook: Workbook,
    scope: CoroutineScope,
    private val target: VisitTarget,
) : FormPresenter<Visit, VisitRecord, VisitState, VisitEvent>(workbook, scope, VisitState(), FormVisits(workbook)) {

    init {
        inTurn { load() }
    }

    override fun part(state: VisitState): FormPart<Visit, VisitRecord> =
        with(state) { FormPart(form, kept, saving, saved, closed, message, problem, loading) }

    override fun showing(state: VisitState, part: FormPart<Visit, VisitRecord>): VisitState = state.copy(
        loading = part.loading,
        form = part.form,
        kept = part.kept,
        saving = part.saving,
        saved = part.saved,
        closed = part.closed,
        message = part.message,
        problem = part.problem,
    )

    override fun handle(event: VisitEvent) {
        when (event) {
            is VisitEvent.ChooseOutcome -> edit { it.copy(outcome = event.outcome) }
            is VisitEvent.TogglePurpose -> edit { it.copy(purposes = it.purposes.toggled(event.code)) }
            is VisitEvent.ToggleHazard -> edit { it.copy(hazards = it.hazards.toggled(event.code)) }
            is VisitEvent.TypeNote -> edit { it.copy(note = event.text) }
            is VisitEvent.TypeRequests -> edit { it.copy(requests = event.text) }
            is VisitEvent.TypeCompanions -> edit { it.copy(companions = event.text) }
            is VisitEvent.ChooseStarted -> edit { it.copy(started = event.at) }
            is VisitEvent.ChooseEnded -> edit { it.copy(ended = event.at) }
            is VisitEvent.ChooseNextVisit -> edit { it.copy(nextVisit = event.day) }
            VisitEvent.Save -> save()
            VisitEvent.MakeOutreach -> save { saved -> show { it.copy(outreachFrom = saved.id) } }
            VisitEvent.OutreachOpened -> show { it.copy(outreachFrom = null) }
            VisitEvent.Discard -> discard()
        }
    }

    private suspend fun load() {
        when (target) {
            is VisitTarget.ToHousehold -> {
                val begun = workbook.drafts.begunFor(Kind.VISIT, target.household)
                if (begun == null) open(Visit(household = target.household)) else resume(begun)
            }
            is VisitTarget.OfDraft -> resumeOrOpen(target.draft)
            is VisitTarget.OfRecord -> resumeOrOpen(target.visit)
        }
    }

    override suspend fun open(form: Visit) {
        val household = workbook.households.get(form.household)
        val dwelling = household.content.dwelling?.let { writeDwelling(it) }.orEmpty()
        show { it.copy(loading = false, household = household, dwelling = dwelling, form = form) }
    }

    override suspend fun saveNew(form: Visit, id: RecordId?): VisitRecord =
        workbook.visits.save(NewVisit(content = form, id = id))
}
