package org.gridbook.screens

import org.gridbook.Directory
import org.gridbook.Kind
import org.gridbook.PersonId
import org.gridbook.ScopeId
import org.gridbook.Workbook

/** What screens say in place of a person whom this phone does not know. */
public val someone: Message = Message(Keys.SOMEONE)

/** A person's name on screens; null if this phone does not know them ([someone]). */
internal fun Directory.nameOf(person: PersonId?): String? = people.find { it.id == person }?.name

/** A scope's name on screens; its id where the phone has no name for it. */
internal fun Directory.nameOfScope(scope: ScopeId): String = scopes.find { it.id == scope }?.name ?: scope

/** A grid to choose from. */
public data class GridLine(public val id: ScopeId, public val name: String)

/** The grids among which a form of [kind] has to ask; none where there is nothing to choose. */
internal suspend fun Workbook.gridsToChoose(kind: Kind): List<GridLine> {
    val grids = people.grids(kind)
    if (grids.size < 2) return emptyList()
    val names = people.directory()
    return grids.map { GridLine(it, names.nameOfScope(it)) }
}
