package org.gridbook.screens

import org.gridbook.GridbookException
import org.gridbook.Kind
import org.gridbook.LockReason

/**
 * What went wrong, in words that say what to do. Nothing is lost by it.
 *
 * @property message the words.
 * @property kind with [field]: the field to mark, as `docs/DATA.md` names it; null where the whole screen is meant.
 * @property action what the screen should offer, where there is more to do than to try again.
 */
public data class Problem(
    public val message: Message,
    public val kind: Kind? = null,
    public val field: String? = null,
    public val action: Action? = null,
)

/** Where a problem leads. */
public enum class Action {
    /** To the screen that scans an invitation. */
    ENROL,

    /** To the guard: it begins anew, and the workbook that it then opens takes an invitation. */
    BEGIN_ANEW,

    /** To the guard, which opens the workbook again once it is closed: that saves what can be read of a damaged database. */
    REOPEN,

    /** To the guard: it asks for the PIN, or unlocks with a network. */
    UNLOCK,

    /** To the sync screen. */
    SYNC,

    /** To the page where the app is updated. */
    UPDATE,
}

/** The problem that a failed call is to the person. */
internal fun problemOf(error: GridbookException): Problem = when (error) {
    is GridbookException.NotEnrolled -> Problem(Message(Keys.NOT_ENROLLED), action = Action.ENROL)
    is GridbookException.Locked -> Problem(
        Message(if (error.reason == LockReason.LEASE) Keys.LEASE_OVER else Keys.PIN_LOCKED),
        action = Action.UNLOCK,
    )
    is GridbookException.PinNeeded -> Problem(Message(Keys.PIN_NEEDED), action = Action.UNLOCK)
    is GridbookException.PinWrong -> Problem(Message(Keys.PIN_WRONG, "n" to error.left), action = Action.UNLOCK)
    is GridbookException.PinWait -> Problem(Message(Keys.PIN_WAIT, "n" to error.seconds), action = Action.UNLOCK)
    is GridbookException.BadPin -> Problem(error.rule.asked())
    is GridbookException.WrongKey -> Problem(Message(Keys.WRONG_KEY))
    is GridbookException.NewerSchema -> Problem(Message(Keys.NEWER_SCHEMA), action = Action.UPDATE)
    is GridbookException.DiskFull -> Problem(Message(Keys.DISK_FULL))
    is GridbookException.Damaged -> Problem(Message(Keys.DAMAGED), action = Action.REOPEN)
    is GridbookException.Offline -> Problem(Message(Keys.OFFLINE))
    is GridbookException.TryLater -> Problem(Message(Keys.WAIT, "n" to error.seconds))
    is GridbookException.Refused -> Problem(Message("$PHONE_REFUSAL.${error.code}"))
    is GridbookException.BadInvitation -> Problem(error.rule.asked())
    is GridbookException.Revoked -> Problem(Message(Keys.WITHDRAWN), action = Action.SYNC)
    is GridbookException.Wiped -> Problem(Message(Keys.WIPED), action = Action.BEGIN_ANEW)
    is GridbookException.Invalid -> Problem(error.rule.asked(), error.kind, error.`field`)
    is GridbookException.NotPermitted -> Problem(Message(Keys.NOT_PERMITTED))
    is GridbookException.Voided -> Problem(Message(Keys.VOIDED))
    is GridbookException.NotFound -> Problem(Message(Keys.NOT_FOUND), action = Action.SYNC)
    is GridbookException.Ambiguous -> Problem(Message(Keys.AMBIGUOUS))
    is GridbookException.BadRoster -> Problem(error.rule.asked())
    is GridbookException.Cancelled -> Problem(Message(Keys.CANCELLED))
    is GridbookException.Unexpected -> Problem(Message("$ERROR.${error.code}"))
}
