package org.gridbook.screens

import org.gridbook.AnyRecord
import org.gridbook.Content
import org.gridbook.DiaryEntry
import org.gridbook.DiaryRecord
import org.gridbook.Draft
import org.gridbook.Outreach
import org.gridbook.OutreachRecord
import org.gridbook.Visit
import org.gridbook.VisitRecord

/** The visit in a draft; null if it is of another kind, or of a version that this one cannot read. */
internal fun Draft.visit(): Visit? = (content as? Content.Visit)?.v1

/** The outreach in a draft. */
internal fun Draft.outreach(): Outreach? = (content as? Content.Outreach)?.v1

/** The diary entry in a draft. */
internal fun Draft.entry(): DiaryEntry? = (content as? Content.Diary)?.v1

/** The record as its draft begins. */
internal fun VisitRecord.drafted(): AnyRecord =
    AnyRecord(id, scope, header, created, updated, standing, conflicts, version, Content.Visit(content))

/** The record as its draft begins. */
internal fun DiaryRecord.drafted(): AnyRecord =
    AnyRecord(id, scope, header, created, updated, standing, conflicts, version, Content.Diary(content))

/** The record as its draft begins. */
internal fun OutreachRecord.drafted(): AnyRecord =
    AnyRecord(id, scope, header, created, updated, standing, conflicts, version, Content.Outreach(content))

/** The set with a code that is not in it, or without one that is. */
internal fun Set<String>.toggled(code: String): Set<String> = if (code in this) this - code else this + code
