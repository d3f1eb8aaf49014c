package org.gridbook

import kotlinx.coroutines.flow.Flow

/** 清单: the task groups' shared checklists, ticked by several people at once. */
public class Checklists internal constructor(private val bridge: Bridge) {
    /** Saves a new checklist for its task group. */
    public suspend fun save(new: NewChecklist): ChecklistRecord = bridge.call { saveChecklist(new) }

    /** Saves a new checklist of now for its task group. */
    public suspend fun save(checklist: Checklist): ChecklistRecord = save(NewChecklist(checklist))

    /** Saves an edited checklist: only what changed since its version is written. */
    public suspend fun edit(record: ChecklistRecord): ChecklistRecord = bridge.call { editChecklist(record) }

    /** One checklist; [progress] says how far it is. */
    public suspend fun get(id: RecordId): ChecklistRecord = bridge.call { checklist(id) }

    /** One checklist, again after every change. */
    public fun watch(id: RecordId): Flow<ChecklistRecord> = bridge.watch { checklist(id) }

    /** A page of checklists, newest period first. */
    public suspend fun list(filter: Filter = Filter(), after: Cursor? = null, most: UInt = PAGE): ChecklistPage =
        bridge.call { checklists(filter, after, most) }

    /** The first page, again after every change. */
    public fun watchList(filter: Filter = Filter(), most: UInt = PAGE): Flow<ChecklistPage> =
        bridge.watch { checklists(filter, null, most) }

    /** Saves a new template for its task group. */
    public suspend fun saveTemplate(new: NewTemplate): TemplateRecord = bridge.call { saveTemplate(new) }

    /** Saves an edited template: only what changed since its version is written. */
    public suspend fun editTemplate(record: TemplateRecord): TemplateRecord = bridge.call { editTemplate(record) }

    /** A page of templates. */
    public suspend fun templates(filter: Filter = Filter(), after: Cursor? = null, most: UInt = PAGE): TemplatePage =
        bridge.call { templates(filter, after, most) }

    /** Makes the checklists of the period that holds [day] from the templates, where they are missing. */
    public suspend fun beginPeriod(day: Day): List<RecordId> = bridge.call { beginPeriod(day) }

    /** The items that wait for this person on [day], what is due first coming first. */
    public suspend fun openItems(day: Day): List<OpenItem> = bridge.call { openItems(day) }

    /** The items that wait for this person on [day], again after every change. */
    public fun watchOpenItems(day: Day): Flow<List<OpenItem>> = bridge.watch { openItems(day) }

    /** Ticks an item in the person's own name. */
    public suspend fun tick(checklist: RecordId, item: String): ChecklistRecord = bridge.call { tick(checklist, item) }

    /** Takes a person's tick back; by default the own one. */
    public suspend fun untick(checklist: RecordId, item: String, person: PersonId? = null): ChecklistRecord =
        bridge.call { untick(checklist, item, person) }

    /** The task groups whose checklists the person reads. */
    public suspend fun groups(): List<ScopeId> = bridge.call { groups() }
}

/** The items in order with their ticks, removed ones left out. */
public fun Checklist.progress(): List<ItemProgress> = checklistProgress(this)
