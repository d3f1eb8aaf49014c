package org.gridbook.screens

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class SearchTests {
    @Test
    fun answersFollowTheTypingAndGoOn() = screens { scope ->
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        repeat(61) { phone.visit(household, note = "提醒警惕刷单返利，第${it}次") }
        val charging = phone.visit(household, note = "电动车在楼道充电").id
        val search = SearchPresenter(phone.workbook, scope)
        assertEquals("输入两个字就能查", chinese.text(search.state.value.hint!!))

        search.send(SearchEvent.Type("刷单"))
        val first = search.shows { it.found.isNotEmpty() && !it.searching }
        assertEquals(60 to true, first.found.size to first.more)
        search.send(SearchEvent.More)
        val all = search.shows { !it.searching && it.found.size > 60 }
        assertEquals(61 to 61, all.found.size to all.found.map { it.id }.toSet().size)

        // The first of the two is not waited for, and never shown.
        search.send(SearchEvent.Type("返利"))
        search.send(SearchEvent.Type("充电"))
        assertEquals(listOf(charging), search.shows { !it.searching && it.found.size == 1 }.found.map { it.id })
        search.send(SearchEvent.Type("没有这种"))
        assertEquals(Message(Keys.NOTHING_FOUND), search.shows { !it.searching && it.found.isEmpty() }.hint)
        search.send(SearchEvent.Type(" "))
        assertTrue(search.state.value.found.isEmpty())
        assertFalse(search.state.value.searching)
    }
}
