public import Basics

/// The layers that a run takes from a checkpoint or a file of recorded routing, by their numbers there.
public enum LayerChoice: Equatable, Sendable {
    /// All layers of the file.
    case all
    /// The layers with these numbers, in this order.
    case numbers([Int])

    /// The highest number that a layer can have.
    private static let largest = LayerNumber.largest
    /// The most layers that a run can have.
    public static let most = RoutingShape.mostLayers

    /// The texts that are valid choices of layers, as a phrase for messages.
    public static let allowed = "all, or at most \(most) different numbers from 0 to \(largest) such as 3, 3-5 or 1,4,7"

    /// Read `all`, `3`, `3-5`, `1,4,7` and mixtures of the last three; return nil for anything else.
    public init?(_ text: String) {
        if text == "all" {
            self = .all
            return
        }
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = Self.range(part) else { return nil }
            guard numbers.count + range.count <= Self.most else { return nil }
            numbers += range
        }
        guard Set(numbers).count == numbers.count else { return nil }
        self = .numbers(numbers)
    }

    private static func range(_ text: Substring) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { part -> Int? in
            let part = part.trimmingPrefix(" ")
            guard let number = Int(part), String(number) == part, (0...largest).contains(number) else { return nil }
            return number
        }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        return first...last
    }

    /// The text that reads back as this choice, with consecutive numbers in one range.
    public var text: String {
        guard case .numbers(let numbers) = self else { return "all" }
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        let texts = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return texts.joined(separator: ",")
    }
}

extension ValueRule where Value == LayerChoice {
    /// The rule of a choice of layers.
    public static var layers: ValueRule {
        ValueRule(allowed: LayerChoice.allowed, form: .list, value: { LayerChoice($0) }, text: { $0.text })
    }
}
