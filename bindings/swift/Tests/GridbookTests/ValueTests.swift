import Foundation
import Gridbook
import Testing

/// What needs no server: days and words.
@Suite struct ValueTests {
    @Test func aCalendarDayIsOneOfTheCalendar() throws {
        let day = try #require(CalendarDay("2024-02-29"))
        #expect((day.year, day.month, day.day) == (2024, 2, 29))
        #expect(day.description == "2024-02-29")
        #expect(CalendarDay(year: 7, month: 1, day: 2)?.description == "0007-01-02")
        let absent = ["2023-02-29", "2100-02-29", "2026-04-31", "2026-00-10", "2026-13-01", "2026-1-01", "+026-01-01", ""]
        for none in absent {
            #expect(CalendarDay(none) == nil, "\(none)")
        }
        #expect(try #require(CalendarDay("2026-09-30")) < #require(CalendarDay("2026-10-01")))
    }

    @Test func wordsAreThoseOfTheCore() throws {
        let chinese = try Words(.chinese)
        let english = try Words(.english)
        #expect(chinese["kind.visit"] == "走访")
        #expect(english["kind.visit"] != nil && english["kind.visit"] != "走访")
        #expect(chinese["kind.nothing"] == nil)
        #expect(chinese.fill("kind.nothing {n}", ["n": 3]) == "kind.nothing 3")
        let hazards = chinese.offered("hazard")
        let hazard = try #require(hazards.first)
        #expect(chinese.code("hazard", hazard.code) == hazard.zh)
        #expect(english.code("hazard", hazard.code) == hazard.en)
        #expect(chinese.code("hazard", "of_a_newer_version") == "of_a_newer_version")
        #expect(chinese.field(.visit, "outcome") != "outcome")
    }
}
