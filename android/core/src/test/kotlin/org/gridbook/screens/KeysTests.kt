package org.gridbook.screens

import java.io.File
import java.lang.reflect.Modifier
import org.gridbook.DueReason
import org.gridbook.GridbookException
import org.gridbook.Kind
import org.gridbook.Language
import org.gridbook.Mark
import org.gridbook.Phase
import org.gridbook.Rule
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
    fun aRuleIsSaidWithItsNumbers() {
        val long = GridbookException.Invalid(Kind.VISIT, "note", Rule("too_long", mapOf("most" to 8_000L)))
        assertEquals("最多 8000 字", chinese.text(problemOf(long).message))
        assertEquals("note", problemOf(long).`field`)
        val unheardOf = problemOf(GridbookException.BadPin(Rule("unheard_of", emptyMap())))
        assertEquals(chinese[Keys.INVALID], chinese.text(unheardOf.message))
    }

    @Test
    fun aWrongPinSaysWhatIsLeft() {
        val said = { error: GridbookException -> chinese.text(problemOf(error).message) to english.text(problemOf(error).message) }
        assertEquals("PIN 不对，还能试 3 次。" to "Wrong PIN; 3 tries left.", said(GridbookException.PinWrong(3u)))
        assertEquals(
            "错了太多次，请 90 秒后再试。" to "Too many wrong PINs. Try again in 90 seconds.",
            said(GridbookException.PinWait(90uL)),
        )
    }

    @Test
    fun aBusyServerSaysForHowLong() {
        val wait = problemOf(GridbookException.TryLater("busy", 90uL)).message
        assertEquals("服务器忙，请在 90 秒后再试，记录都在手机上。", chinese.text(wait))
        assertEquals("The server is busy. Try again in 90 seconds; your records are on the phone.", english.text(wait))
    }

    @Test
    fun aDamagedDatabaseLeadsBackToTheGuard() {
        val damaged = problemOf(GridbookException.Damaged())
        assertEquals(Action.REOPEN, damaged.action)
        assertEquals("数据有损坏，请关掉应用再打开，能读的会找回。", chinese.text(damaged.message))
    }

    @Test
    fun whatNobodyExpectsHasWordsToo() {
        val said = { code: String -> chinese.text(problemOf(GridbookException.Unexpected(code)).message) }
        assertEquals("保存时出错，请再试一次。还不行就联系管理员。", said("store"))
        assertEquals("手机的密钥库打不开，请重启手机再试。", said("vault"))
        assertEquals(chinese[Keys.UNEXPECTED], said("panic"))
    }

    @Test
    fun whatANewerServerSaysHasWordsToo() {
        assertEquals(chinese[Keys.REFUSED], chinese.text(Message("phone_refusal.unheard_of")))
        assertEquals(chinese[Keys.REFUSED], chinese.text(Message("refusal.unheard_of")))
        assertEquals("3 项改动在手机上，待上传", chinese.text(Message(Keys.WAITING, "n" to 3)))
    }
}
