package org.gridbook.screens

import org.gridbook.Rule
import org.gridbook.Words

/**
 * Something to say to a person: the key of its words, written `section.name`, and what fills their `{names}`. The words
 * are in `core/resources/words.toml` alone, in Chinese and English.
 */
public data class Message(public val key: String, public val arguments: Map<String, String> = emptyMap()) {
    /** A message of a key, with what fills its names. */
    public constructor(key: String, vararg arguments: Pair<String, Any>) :
        this(key, arguments.associate { (name, value) -> name to value.toString() })
}

/** What a broken rule asks for. */
internal fun Rule.asked(): Message = Message("$RULE.$code", numbers.mapValues { (_, number) -> number.toString() })

/** The message in words. A code without words has those of its section. */
public fun Words.text(message: Message): String {
    val words = get(message.key)
        ?: when (message.key.substringBefore('.')) {
            RULE -> get(Keys.INVALID)
            REFUSAL, PHONE_REFUSAL -> get(Keys.REFUSED)
            ERROR -> get(Keys.UNEXPECTED)
            else -> null
        }
        ?: message.key
    return message.arguments.entries.fold(words) { text, (argument, value) -> text.replace("{$argument}", value) }
}

internal const val RULE = "rule"
internal const val ERROR = "error"
internal const val REFUSAL = "refusal"
internal const val PHONE_REFUSAL = "phone_refusal"
