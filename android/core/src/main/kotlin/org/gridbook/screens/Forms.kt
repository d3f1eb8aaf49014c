package org.gridbook.screens

import org.gridbook.AnyRecord
import org.gridbook.Content
import org.gridbook.DiaryEntry
import org.gridbook.DiaryRecord
import org.gridbook.Draft
import org.gridbook.Outreach
import org.gridbook.OutreachRecord
import org.gridbook.RecordId
import org.gridbook.Version
import org.gridbook.Visit
import org.gridbook.VisitRecord
import org.gridbook.Workbook

/** A kind of record as a form handles it: the generated records have nothing in common that Kotlin knows of. */
internal interface FormRecords<Form : Any, Saved : Any> {
    /** What a draft holds; null if it is of another kind, or of a version that this one cannot read. */
    fun of(draft: Draft): Form?

    /** What is typed, as a draft keeps it. */
    fun content(form: Form): Content

    /** What a record holds. */
    fun form(saved: Saved): Form

    /** The record as its draft begins. */
    fun drafted(saved: Saved): AnyRecord

    /** The record as it was at the version that someone has seen. */
    fun seen(saved: Saved, version: Version): Saved

    suspend fun get(id: RecordId): Saved

    suspend fun edit(saved: Saved, form: Form): Saved
}

internal class FormVisits(private val workbook: Workbook) : FormRecords<Visit, VisitRecord> {
    override fun of(draft: Draft) = draft.visit()
    override fun content(form: Visit) = Content.Visit(form)
    override fun form(saved: VisitRecord) = saved.content
    override fun drafted(saved: VisitRecord) = with(saved) {
        AnyRecord(id, scope, header, created, updated, standing, conflicts, version, Content.Visit(content))
    }
    override fun seen(saved: VisitRecord, version: Version) = saved.copy(version = version)
    override suspend fun get(id: RecordId) = workbook.visits.get(id)
    override suspend fun edit(saved: VisitRecord, form: Visit) = workbook.visits.edit(saved.copy(content = form))
}

internal class FormEntries(private val workbook: Workbook) : FormRecords<DiaryEntry, DiaryRecord> {
    override fun of(draft: Draft) = draft.entry()
    override fun content(form: DiaryEntry) = Content.Diary(form)
    override fun form(saved: DiaryRecord) = saved.content
    override fun drafted(saved: DiaryRecord) = with(saved) {
        AnyRecord(id, scope, header, created, updated, standing, conflicts, version, Content.Diary(content))
    }
    override fun seen(saved: DiaryRecord, version: Version) = saved.copy(version = version)
    override suspend fun get(id: RecordId) = workbook.diary.get(id)
    override suspend fun edit(saved: DiaryRecord, form: DiaryEntry) = workbook.diary.edit(saved.copy(content = form))
}

internal class FormOutreaches(private val workbook: Workbook) : FormRecords<Outreach, OutreachRecord> {
    override fun of(draft: Draft) = draft.outreach()
    override fun content(form: Outreach) = Content.Outreach(form)
    override fun form(saved: OutreachRecord) = saved.content
    override fun drafted(saved: OutreachRecord) = with(saved) {
        AnyRecord(id, scope, header, created, updated, standing, conflicts, version, Content.Outreach(content))
    }
    override fun seen(saved: OutreachRecord, version: Version) = saved.copy(version = version)
    override suspend fun get(id: RecordId) = workbook.outreach.get(id)
    override suspend fun edit(saved: OutreachRecord, form: Outreach) = workbook.outreach.edit(saved.copy(content = form))
}

/** The visit in a draft. */
internal fun Draft.visit(): Visit? = (content as? Content.Visit)?.v1

/** The outreach in a draft. */
internal fun Draft.outreach(): Outreach? = (content as? Content.Outreach)?.v1

/** The diary entry in a draft. */
internal fun Draft.entry(): DiaryEntry? = (content as? Content.Diary)?.v1

/** The set with a code that is not in it, or without one that is. */
internal fun Set<String>.toggled(code: String): Set<String> = if (code in this) this - code else this + code
