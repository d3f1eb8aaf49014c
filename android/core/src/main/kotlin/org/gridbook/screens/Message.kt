package org.gridbook.screens

import org.gridbook.Words

/**
 * Something to say to a person: the key of its words, written `section.name`, and what fills their `{names}`. The words
 * are in `core/resources/words.toml` alone, in Chinese and English.
 */
public data class Message(public val key: String, public val arguments: Map<String, String> = emptyMap()) {
    public constructor(key: String, vararg arguments: Pair<String, Any>) :
        this(key, arguments.associate { (name, value) -> name to value.toString() })
}

/** The message in words. A code that only a newer server knows has the words of its section. */
public fun Words.text(message: Message): String {
    val (section, name) = message.key.split('.', limit = 2).let { it[0] to it.getOrElse(1) { "" } }
    // A rule that the terminal says with its own options is said otherwise on screens.
    val words = (if (section == RULE) get("$SCREEN_RULE.$name") else null)
        ?: get(message.key)
        ?: when (section) {
            RULE -> get(Keys.INVALID)
            REFUSAL, PHONE_REFUSAL -> get(Keys.REFUSED)
            else -> null
        }
        ?: message.key
    return message.arguments.entries.fold(words) { text, (argument, value) -> text.replace("{$argument}", value) }
}

internal const val RULE = "phone_rule"
internal const val SCREEN_RULE = "screen_rule"
internal const val REFUSAL = "refusal"
internal const val PHONE_REFUSAL = "phone_refusal"
