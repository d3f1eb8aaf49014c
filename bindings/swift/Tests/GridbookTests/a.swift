import Testing
import Gridbook
@Test func a() { #expect(CalendarDay("2024-02-29") != nil) }
