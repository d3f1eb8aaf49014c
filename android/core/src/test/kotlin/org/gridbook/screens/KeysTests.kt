package org.gridbook.screens

import java.io.File
import java.lang.reflect.Modifier
import org.gridbook.DueReason
import org.gridbook.Kind
import org.gridbook.Language
import org.gridbook.Mark
import org.gridbook.Phase
import org.gridbook.Standing
import org.gridbook.words
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The words of the screens: each is there in both languages, and none is there for nothing. */
class KeysTests {
    private val keys = Keys::class.java.declaredFields.filter { Modifier.isStatic(it.modifiers) && it.type == String::class.java }
        .associate { field -> field.name to field.get(null) as String }
    private val tables = Language.entries.associateWith { words(it) }

    @Test
    fun everyKeyHasItsWordsInBothLanguages() {
        assertTrue(keys.size > 40, "$keys")
        val standings = listOf(Standing.OnPhone, Standing.OnServer, Standing.Refused, Standing.Reviewed(Mark.SEEN))
        val named = Kind.entries.map { it.named() } + standings.map { it.named() } +
            DueReason.entries.map { it.named() } + Phase.entries.map { it.named() }
        for (key in keys.values + named.map { it.key }) {
            for ((language, table) in tables) assertTrue(!table[key].isNullOrBlank(), "$key in $language")
        }
    }

    @Test
    fun noKeyIsUnused() {
        val sources = File("src/main/kotlin").walk().filter { it.extension == "kt" && it.name != "Keys.kt" }
        val code = sources.joinToString("\n") { it.readText() }
        assertEquals(emptyList<String>(), keys.keys.filterNot { Regex("Keys\\.$it\\b").containsMatchIn(code) })
        val told = tables.getValue(Language.CHINESE).keys.filter { it.startsWith("app.") }.toSet()
        assertEquals(told, keys.values.filter { it.startsWith("app.") }.toSet(), "the words of [app]")
        assertEquals(emptyList<String>(), Regex("Message\\(\"[a-z_]+\\.[a-z_]+\"").findAll(code).map { it.value }.toList())
    }

    @Test
    fun aRuleIsSaidForScreens() {
        val rules = tables.getValue(Language.CHINESE).keys.mapNotNull { it.removePrefix("$RULE.").takeIf { rule -> rule != it } }
        val screen = tables.getValue(Language.CHINESE).keys.filter { it.startsWith("$SCREEN_RULE.") }
        for (key in screen) assertTrue(key.removePrefix("$SCREEN_RULE.") in rules, "$key replaces no rule")
        for (rule in rules) {
            for (words in listOf(chinese, english)) {
                val said = words.text(Message("$RULE.$rule"))
                assertTrue("--" !in said, "a screen has no options: $said")
            }
        }
    }

    @Test
    fun whatANewerServerSaysHasWordsToo() {
        assertEquals(chinese[Keys.REFUSED], chinese.text(Message("phone_refusal.unheard_of")))
        assertEquals(chinese[Keys.REFUSED], chinese.text(Message("refusal.unheard_of")))
        assertEquals("3 项改动在手机上，待上传", chinese.text(Message(Keys.WAITING, "n" to 3)))
    }
}
