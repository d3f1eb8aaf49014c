package org.gridbook

/**
 * What screens call things, in one language; `core/resources/words.toml` and `dictionaries.toml` are the only place
 * where a word is written. Make one at start: every word crosses the bridge once.
 */
public class Words(public val language: Language) {
    private val words: Map<String, String> = words(language)
    private val entries: Map<String, List<DictionaryEntry>> = dictionaries()

    /** The word for [key], written `section.name` such as `kind.visit`; null if there is none. */
    public operator fun get(key: String): String? = words[key]

    /** The word for [key] with each `{name}` replaced by its value; the key itself if there is none. */
    public fun fill(key: String, vararg values: Pair<String, Any>): String =
        values.fold(words[key] ?: key) { text, (name, value) -> text.replace("{$name}", value.toString()) }

    /** The coded values of a dictionary that may be offered, in the order in which screens list them. */
    public fun offered(dictionary: String): List<DictionaryEntry> =
        entries[dictionary].orEmpty().filter { it.until == null }

    /** The word of a coded value; the code itself where a newer version wrote it. */
    public fun code(dictionary: String, code: String): String {
        val entry = entries[dictionary]?.find { it.code == code } ?: return code
        return if (language == Language.CHINESE) entry.zh else entry.en
    }

    /** What screens call a field of a kind of record. */
    public fun field(kind: Kind, field: String): String = fieldWord(kind, field, language)
}
