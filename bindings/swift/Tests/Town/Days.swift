import Foundation
import Gridbook

extension CalendarDay {
    /// The day before.
    public var before: CalendarDay {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let noon = calendar.date(from: DateComponents(year: year, month: month, day: day, hour: 12))!
        let parts = calendar.dateComponents([.year, .month, .day], from: noon.addingTimeInterval(-86_400))
        return CalendarDay(year: parts.year!, month: parts.month!, day: parts.day!)!
    }
}
