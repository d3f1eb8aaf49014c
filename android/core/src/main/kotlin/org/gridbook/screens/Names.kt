package org.gridbook.screens

import org.gridbook.Directory
import org.gridbook.PersonId
import org.gridbook.ScopeId

/** What screens say in place of a person whom this phone does not know. */
public val someone: Message = Message(Keys.SOMEONE)

/** A person's name on screens; null if this phone does not know them ([someone]). */
internal fun Directory.nameOf(person: PersonId?): String? = people.find { it.id == person }?.name

/** A scope's name on screens; its id where the phone has no name for it. */
internal fun Directory.nameOfScope(scope: ScopeId): String = scopes.find { it.id == scope }?.name ?: scope
