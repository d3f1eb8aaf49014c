package org.gridbook

import kotlinx.coroutines.flow.Flow

/** Whose phone it is, what that person may do, and the names it knows. */
public class People internal constructor(private val bridge: Bridge) {
    /** Whose phone it is or is going to be. */
    public suspend fun person(): PersonId? = bridge.call { person() }

    /** What the person may do where, as of the last exchange. */
    public suspend fun grants(): List<Grant> = bridge.call { grants() }

    /** What the person may do where, again after every change. */
    public fun watchGrants(): Flow<List<Grant>> = bridge.watch { grants() }

    /** What the person may do with records of [kind] in [scope], as of the last exchange: offer nothing else. */
    public suspend fun permitted(scope: ScopeId, kind: Kind): Set<RecordAction> =
        bridge.call { permitted(scope, kind).toSet() }

    /** The grids in which the person may write records of [kind]: a form asks which one where there are several. */
    public suspend fun grids(kind: Kind): List<ScopeId> = bridge.call { grids(kind) }

    /** The names that this phone knows. */
    public suspend fun directory(): Directory = bridge.call { directory() }

    /** The names that this phone knows, again after every change. */
    public fun watchDirectory(): Flow<Directory> = bridge.watch { directory() }
}
