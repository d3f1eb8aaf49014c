package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import org.gridbook.GridbookException
import org.gridbook.Kind
import org.gridbook.NewOutreach
import org.gridbook.Outreach
import org.gridbook.OutreachForm
import org.gridbook.OutreachRecord
import org.gridbook.RecordId
import org.gridbook.ScopeId
import org.gridbook.Workbook
import org.gridbook.writeDwelling

/** What the form of an outreach is opened for. */
public sealed interface OutreachTarget {
    /** A new one. */
    public data object New : OutreachTarget

    /** A new one with everything that a visit knows; an unfinished one is gone on with. */
    public data class FromVisit(public val visit: RecordId) : OutreachTarget

    /** A draft. */
    public data class OfDraft(public val draft: RecordId) : OutreachTarget

    /** An outreach that was saved: to edit it. */
    public data class OfRecord(public val outreach: RecordId) : OutreachTarget
}

/**
 * The form of one outreach, over the latest ones.
 *
 * @property loading nothing is known yet.
 * @property form what the form holds; null until it is loaded.
 * @property dwellings where the households are that it names, in no order.
 * @property grids the grids to choose from, where the worker has several and no visit says which.
 * @property grid the one chosen for a new outreach.
 * @property kept everything typed is on the disk.
 * @property saving a save is under way: the form takes nothing meanwhile.
 * @property saved the record, once there is one.
 * @property closed the draft was thrown away: leave the screen.
 * @property latest the latest outreaches; [none] says so where there are none.
 * @property message what came of the last event.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class OutreachState(
    public val loading: Boolean = true,
    public val form: Outreach? = null,
    public val dwellings: List<String> = emptyList(),
    public val grids: List<GridLine> = emptyList(),
    public val grid: ScopeId? = null,
    public val kept: Boolean = true,
    public val saving: Boolean = false,
    public val saved: OutreachRecord? = null,
    public val closed: Boolean = false,
    public val latest: List<OutreachRecord> = emptyList(),
    public val none: Message? = null,
    public val message: Message? = null,
    public val problem: Problem? = null,
)

/** What a person does in the form of an outreach. */
public sealed interface OutreachEvent {
    /** The form it takes. */
    public data class ChooseForm(public val form: OutreachForm?) : OutreachEvent

    /** Where, in words. */
    public data class TypePlace(public val text: String) : OutreachEvent

    /** The building it covered. */
    public data class TypeBuilding(public val text: String) : OutreachEvent

    /** A household reached. */
    public data class ToggleHousehold(public val household: RecordId) : OutreachEvent

    /** A code of `fraud_type`. */
    public data class ToggleFraudType(public val code: String) : OutreachEvent

    /** People reached (人次). */
    public data class SetReached(public val people: UInt) : OutreachEvent

    /** Leaflets handed out. */
    public data class SetLeaflets(public val leaflets: UInt) : OutreachEvent

    /** Questions answered. */
    public data class SetConsultations(public val questions: UInt) : OutreachEvent

    /** People talked out of a payment. */
    public data class SetDissuaded(public val people: UInt) : OutreachEvent

    /** Anything else. */
    public data class TypeNote(public val text: String) : OutreachEvent

    /** The grid of a new outreach, where the worker has several. */
    public data class ChooseGrid(public val grid: ScopeId) : OutreachEvent

    /** Save the record. */
    public data object Save : OutreachEvent

    /** Throw the draft away. */
    public data object Discard : OutreachEvent
}

/** Outreach: a form that a visit fills with one tap, kept from the first keystroke. */
public class OutreachPresenter(
    workbook: Workbook,
    scope: CoroutineScope,
    private val target: OutreachTarget = OutreachTarget.New,
) : FormPresenter<Outreach, OutreachRecord, OutreachState, OutreachEvent>(
    workbook,
    scope,
    OutreachState(),
    FormOutreaches(workbook),
) {
    // What a new one begins with: all that a visit knows, if it is a visit's.
    private var new: NewOutreach = NewOutreach(Outreach())

    init {
        inTurn { load() }
        watch(workbook.people.watchDirectory()) {
            val grids = workbook.gridsToChoose(Kind.OUTREACH)
            // After the form is loaded: it may be a visit's.
            inTurn { show { it.copy(grids = if (base == null && new.grid == null) grids else emptyList()) } }
        }
        watch(workbook.outreach.watch()) { latest ->
            show { it.copy(latest = latest, none = if (latest.isEmpty()) Message(Keys.NO_RECORDS) else null) }
        }
    }

    override fun part(state: OutreachState): FormPart<Outreach, OutreachRecord> =
        with(state) { FormPart(form, kept, saving, saved, closed, message, problem, loading, grid) }

    override fun showing(state: OutreachState, part: FormPart<Outreach, OutreachRecord>): OutreachState = state.copy(
        loading = part.loading,
        form = part.form,
        kept = part.kept,
        saving = part.saving,
        saved = part.saved,
        grid = part.grid,
        closed = part.closed,
        message = part.message,
        problem = part.problem,
    )

    override fun handle(event: OutreachEvent) {
        when (event) {
            is OutreachEvent.ChooseForm -> edit { it.copy(form = event.form) }
            is OutreachEvent.TypePlace -> edit { it.copy(place = event.text) }
            is OutreachEvent.TypeBuilding -> edit { it.copy(building = event.text) }
            is OutreachEvent.ToggleHousehold -> {
                edit { it.copy(households = it.households.toggled(event.household.toString())) }
                inTurn { nameDwellings() }
            }
            is OutreachEvent.ToggleFraudType -> edit { it.copy(fraudTypes = it.fraudTypes.toggled(event.code)) }
            is OutreachEvent.SetReached -> edit { it.copy(reached = event.people) }
            is OutreachEvent.SetLeaflets -> edit { it.copy(leaflets = event.leaflets) }
            is OutreachEvent.SetConsultations -> edit { it.copy(consultations = event.questions) }
            is OutreachEvent.SetDissuaded -> edit { it.copy(dissuaded = event.people) }
            is OutreachEvent.TypeNote -> edit { it.copy(note = event.text) }
            is OutreachEvent.ChooseGrid -> choose(event.grid)
            OutreachEvent.Save -> save()
            OutreachEvent.Discard -> discard()
        }
    }

    private suspend fun load() {
        when (target) {
            OutreachTarget.New -> open(new.content)
            is OutreachTarget.FromVisit -> {
                workbook.drafts.begunFor(Kind.OUTREACH, target.visit)?.let { return resume(it) }
                // One tap makes one outreach of a visit; the second tap opens it.
                workbook.outreach.ofVisit(target.visit)?.let { return resumeOrOpen(it.id) }
                new = workbook.visits.outreachFrom(target.visit)
                open(new.content)
            }
            is OutreachTarget.OfDraft -> resumeOrOpen(target.draft)
            is OutreachTarget.OfRecord -> resumeOrOpen(target.outreach)
        }
    }

    /** The draft holds what is typed; the grid and the time are the visit's. */
    override suspend fun resuming(form: Outreach) {
        val visit = form.visit.takeIf { base == null } ?: return
        known(visit)?.let { new = it }
    }

    private suspend fun known(visit: RecordId): NewOutreach? = try {
        workbook.visits.outreachFrom(visit)
    } catch (_: GridbookException.NotFound) {
        null
    } catch (_: GridbookException.Invalid) {
        // Made elsewhere meanwhile: saving says so, and the draft is still there.
        null
    }

    override suspend fun open(form: Outreach) {
        show { it.copy(loading = false, form = form) }
        nameDwellings()
    }

    private suspend fun nameDwellings() {
        val dwellings = state.value.form?.households.orEmpty().mapNotNull { id ->
            try {
                workbook.households.get(RecordId.fromString(id)).content.dwelling?.let { writeDwelling(it) }
            } catch (_: GridbookException.NotFound) {
                null
            }
        }
        show { it.copy(dwellings = dwellings) }
    }

    override suspend fun saveNew(form: Outreach, id: RecordId?): OutreachRecord =
        workbook.outreach.save(new.copy(content = form, id = id, grid = new.grid ?: state.value.grid))
}
