import Foundation

/// A calendar day in the community's zone, without a time. Foundation has none: a `Date` is a point in time.
public struct CalendarDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 0 to 9999.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int

    /// The day, if the calendar has it.
    public init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month) else { return nil }
        guard (1...Self.length(of: month, in: year)).contains(day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day that `text` writes as in `2026-11-23`, if the calendar has it.
    public init?(_ text: String) {
        var text = text
        let read: CalendarDay? = text.withUTF8 { letters in
            guard letters.count == 10, letters[4] == UInt8(ascii: "-"), letters[7] == UInt8(ascii: "-") else { return nil }
            func number(_ places: Range<Int>) -> Int? {
                places.reduce(0) { read, place in
                    let digit = Int(letters[place]) - 48
                    return (0...9).contains(digit) ? read.map { $0 * 10 + digit } : nil
                }
            }
            guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
            return CalendarDay(year: year, month: month, day: day)
        }
        guard let read else { return nil }
        self = read
    }

    /// As in `2026-11-23`.
    public var description: String {
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// An earlier day is less.
    public static func < (one: CalendarDay, other: CalendarDay) -> Bool {
        (one.year, one.month, one.day) < (other.year, other.month, other.day)
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// What the generated code asks for: the core writes every day as its calendar has it.
extension CalendarDay {
    init(iso: String) {
        guard let day = CalendarDay(iso) else { preconditionFailure("the core wrote a day that is none") }
        self = day
    }

    var iso: String { description }
}
