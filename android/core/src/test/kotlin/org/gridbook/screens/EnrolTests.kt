package org.gridbook.screens

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class EnrolTests {
    @Test
    fun anInvitationIsLookedAtAndTaken() = screens { scope ->
        val invitation = invitation("测试员甲")
        val phone = newPhone()
        val enrol = EnrolPresenter(phone.workbook, scope)
        enrol.shows { it.step == EnrolStep.SCAN }
        val today = TodayPresenter(phone.workbook, scope)
        assertEquals(Keys.NOT_ENROLLED, today.shows { it.sync != null }.sync?.message?.key)

        enrol.send(EnrolEvent.Scan("https://example.invalid"))
        val problem = enrol.shows { it.problem != null }
        assertTrue(problem.problem!!.message.key.startsWith("rule."), "${problem.problem}")
        assertEquals(EnrolStep.SCAN, problem.step)

        enrol.send(EnrolEvent.Scan(invitation))
        val looked = enrol.shows { it.step == EnrolStep.CONFIRM }
        assertEquals("测试员甲", looked.invitation?.person)
        assertFalse(invitation in looked.toString(), "the secret stays out of the state")
        enrol.send(EnrolEvent.ScanAgain)
        enrol.shows { it.step == EnrolStep.SCAN }
        enrol.send(EnrolEvent.Scan(invitation))
        enrol.shows { it.step == EnrolStep.CONFIRM }
        enrol.send(EnrolEvent.Join("测试机"))
        val joined = enrol.shows { it.step == EnrolStep.ENROLLED && !it.busy }
        assertEquals(Message(Keys.ENROLLED), joined.message)
        phone.household("3-1-501")
    }

    @Test
    fun aPhoneBeginsOfflineAndCompletesLater() = screens { scope ->
        val invitation = invitation("测试员甲")
        network.cut()
        val phone = newPhone()
        val enrol = EnrolPresenter(phone.workbook, scope)
        enrol.send(EnrolEvent.Scan(invitation))
        enrol.shows { it.step == EnrolStep.CONFIRM }
        enrol.send(EnrolEvent.BeginOffline("测试机"))
        assertEquals(Message(Keys.JOINING), enrol.shows { it.step == EnrolStep.BEGUN && !it.busy }.message)
        phone.household("3-1-501")
        enrol.send(EnrolEvent.Complete)
        assertEquals(Keys.OFFLINE, enrol.shows { it.problem != null && !it.busy }.problem?.message?.key)
        network.mend()
        enrol.send(EnrolEvent.Complete)
        assertNull(enrol.shows { it.step == EnrolStep.ENROLLED && !it.busy }.problem)
        assertEquals(0uL, phone.unsent())
    }
}
