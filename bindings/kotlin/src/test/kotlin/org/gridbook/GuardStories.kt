package org.gridbook

import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What stands before a workbook: the app's own key store, the PIN, the end of a phone that was revoked. */
class GuardStories {
    /** What an app brings, without a platform; [fails] says how the key store does. */
    private class OwnVault(val secrets: MutableMap<String, ByteArray> = mutableMapOf()) : KeyVault {
        var fails: Exception? = null

        override fun load(name: String): ByteArray? = secrets[name].also { fails?.let { throw it } }

        override fun keep(name: String, secret: ByteArray) {
            fails?.let { throw it }
            secrets[name] = secret
        }

        override fun forget(name: String) {
            fails?.let { throw it }
            secrets.remove(name)
        }
    }

    /** A key pair as Android's Keystore has it, which answers in the same forms and gives no secret out. */
    private class OwnKey : HardwareKey {
        var pair: KeyPair? = null
            private set
        var fails: Exception? = null

        override fun publicKey(): ByteArray = made().public.encoded

        override fun sign(message: ByteArray): ByteArray {
            fails?.let { throw it }
            return Signature.getInstance("SHA256withECDSA").run {
                initSign(made().private)
                update(message)
                sign()
            }
        }

        override fun forget() {
            pair = null
        }

        private fun made(): KeyPair = pair ?: KeyPairGenerator.getInstance("EC").run {
            initialize(ECGenParameterSpec("secp256r1"))
            generateKeyPair()
        }.also { pair = it }
    }

    @Test
    fun anAppsOwnVaultKeepsTheKey(@TempDir folder: Path) = runBlocking {
        val path = folder.resolve("workbook.db").toString()
        val vault = OwnVault()
        suspend fun <T> opened(vault: KeyVault, work: suspend (Workbook) -> T): T =
            Guard.of(path, vault).use { guard -> guard.open().use { work(it) } }
        val draft = opened(vault) { it.drafts.begin(Content.Diary(DiaryEntry(text = "楼道灯坏了"))).id }
        assertTrue(vault.secrets.isNotEmpty(), "the key is in the app's vault")
        assertNotNull(opened(vault) { it.drafts.get(draft) })
        assertInstanceOf(GridbookException.WrongKey::class.java, failure { opened(OwnVault()) { } })

        // What the platform throws, and what nobody expected of it.
        for (broken in listOf(VaultException.Unavailable(), IllegalStateException("no key store"))) {
            val error = failure { opened(OwnVault(vault.secrets).apply { fails = broken }) { } }
            assertEquals("vault", assertInstanceOf(GridbookException.Unexpected::class.java, error).code)
        }
        assertNotNull(opened(vault) { it.drafts.get(draft) }, "nothing was lost by it")
        Unit
    }

    @Test
    fun keyInHardware(@TempDir folder: Path) = story {
        val path = folder.resolve("workbook.db").toString()
        val vault = OwnVault()
        val key = OwnKey()
        suspend fun opened(vault: KeyVault, key: HardwareKey?, work: suspend (Workbook) -> Unit) =
            Guard.of(path, vault, key).use { guard -> guard.open().use { work(it) } }
        opened(vault, key) { workbook ->
            workbook.server.join(invitation("测试员甲"), "测试机")
            workbook.households.save(Household(dwelling = readDwelling("3-1-501"), `class` = "red"))
            assertEquals(1uL, workbook.server.sync().sent)
            key.fails = VaultException.Unavailable()
            val broken = assertInstanceOf(GridbookException.Unexpected::class.java, failure { workbook.server.sync() })
            assertEquals("vault", broken.code)
            key.fails = null
        }
        opened(OwnVault(vault.secrets.toMutableMap()), null) { copy ->
            val refused = assertInstanceOf(GridbookException.Refused::class.java, failure { copy.server.sync() })
            assertEquals("bad_proof", refused.code)
        }
        opened(vault, key) { workbook ->
            server("dismiss", "测试员甲")
            assertNotNull(workbook.server.sync().handedIn)
            assertNull(key.pair, "the key goes with the phone's place")
        }
    }

    @Test
    fun aClosedGuardSaysSo() = story {
        val phone = phone("测试员甲")
        val guard = phone.guard()
        guard.close()
        for (closed in listOf(failure { guard.status() }, failure { guard.open() }, failure { guard.unlock() })) {
            assertEquals("closed", assertInstanceOf(GridbookException.Unexpected::class.java, closed).code)
        }
        assertEquals(0uL, phone.unsent(), "the workbook that it opened stays open")
    }

    @Test
    fun pinAsked() = story {
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        phone.close()
        phone.guard().use { guard -> guard.open().use { guard.setPin("271828") } }
        phone.guard().use { guard ->
            assertInstanceOf(GridbookException.PinNeeded::class.java, failure { guard.open() })
            val wrong = assertInstanceOf(GridbookException.PinWrong::class.java, failure { guard.open("314159") })
            assertEquals(9, wrong.left.toInt())
            assertEquals(true to 9, guard.status().let { it.pin to it.triesLeft.toInt() })
            guard.open("271828").use { assertEquals(household, it.households.get(household).id) }
            assertEquals(10, guard.status().triesLeft.toInt())
        }
    }

    @Test
    fun lockedAndUnlocked() = story {
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        phone.workbook.server.sync()
        val visit = phone.visit(household, note = "没送出去").id
        phone.close()
        // No clock can be moved from here: the lease in its vault is made one of no hours.
        val vault = phone.folder.resolve("vault/guard")
        val hours = "65686f75727318"
        val kept = Files.readString(vault)
        val at = kept.indexOf(hours).also { assertTrue(it > 0, "a number of hours is kept") } + hours.length
        Files.writeString(vault, kept.replaceRange(at, at + 2, "00"))
        phone.guard().use { guard ->
            assertEquals(LockReason.LEASE, guard.status().lock)
            val locked = assertInstanceOf(GridbookException.Locked::class.java, failure { guard.open() })
            assertEquals(LockReason.LEASE, locked.reason)
            network.cut()
            assertInstanceOf(GridbookException.Offline::class.java, failure { guard.unlock() })
            network.mend()
            guard.unlock()
            assertEquals(null, guard.status().lock)
        }
        phone.reopen()
        assertEquals("没送出去", phone.workbook.visits.get(visit).content.note)
        assertEquals(1uL, phone.workbook.server.sync().sent)
    }

    @Test
    fun revokedAndWiped() = story {
        val phone = phone("测试员甲")
        phone.visit(phone.household("3-1-501").id)
        server("dismiss", "测试员甲")
        assertNotNull(phone.workbook.server.sync().handedIn)
        assertEquals(Phase.WIPED, phone.workbook.server.status().phase, "a screen can say so")
        assertInstanceOf(GridbookException.Wiped::class.java, failure { phone.workbook.visits.list() })
        assertTrue(server("box", "list").contains("测试员甲"), "what was not sent is in the lead's box")
        phone.close()
        phone.guard().use { guard ->
            assertTrue(guard.status().wiped)
            assertInstanceOf(GridbookException.Wiped::class.java, failure { guard.open() })
            guard.beginAnew()
        }
        phone.reopen()
        phone.workbook.server.join(invitation("测试员乙"), "测试机")
        assertEquals(Phase.WORKING, phone.workbook.server.status().phase)
        assertTrue(phone.workbook.visits.list().items.isEmpty())
    }
}
