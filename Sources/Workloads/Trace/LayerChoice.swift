public import Basics
import MoE

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

extension LayerChoice {
    /// The reason for which a file has not the layers of a model.
    struct Fault: Error {
        /// One sentence, without the file.
        let message: String
    }

    /// A file of layers, by its name: what is said of its layers.
    enum Source {
        case trace(String)
        case loads(String)

        fileprivate var name: String {
            switch self {
            case .trace(let name), .loads(let name): name
            }
        }

        /// What dense layers are like.
        fileprivate var empty: (one: String, many: String) {
            switch self {
            case .trace: ("holds zeros alone, as dense layers do", "hold zeros alone, as dense layers do")
            case .loads: ("has no tokens, as dense layers have none", "have no tokens, as dense layers have none")
            }
        }

        fileprivate func note(held: Int, wanted: Int, used: String) -> String {
            let (held, used) =
                switch self {
                case .trace(let name): ("\(name) has choices in \(held) layers", "replayed are \(used)")
                case .loads(let name): ("\(name) has loads of \(held) layers", "taken are \(used)")
                }
            return "\(held), model.layers is \(wanted): \(used); workload.layers chooses others"
        }
    }

    /// The layers of a file that a model takes, as indices of their numbers, with notes on the others.
    ///
    /// - Parameters:
    ///   - choice: nil for the first that are not empty.
    ///   - numbers: those of the layers of the file.
    ///   - empty: the indices of layers in which nothing was routed, as in dense ones.
    /// - Throws: ``Fault`` for a number that the file has not, an empty layer that is named, and another number of layers
    ///   than the model has.
    static func layers(
        _ choice: LayerChoice?,
        of numbers: [Int],
        empty: Set<Int>,
        model: ModelShape,
        in source: Source
    ) throws(Fault) -> (layers: [Int], notes: [String]) {
        let wanted = model.layers
        if let choice {
            let places = Dictionary(zip(numbers, numbers.indices)) { first, _ in first }
            let named = if case .numbers(let named) = choice { named } else { numbers }
            let layers = try named.map { (number) throws(Fault) in
                guard let place = places[number] else {
                    let held = RoutingText.list(numbers)
                    throw Fault(message: "workload.layers: found \(number), allowed: its layers, \(held)")
                }
                guard !empty.contains(place) else {
                    throw Fault(message: "workload.layers: layer \(number) \(source.empty.one)")
                }
                return place
            }
            guard layers.count == wanted else {
                throw Fault(message: "workload.layers names \(layers.count) layers, but model.layers is \(wanted)")
            }
            return (layers, [])
        }
        let rest = numbers.indices.filter { !empty.contains($0) }
        guard rest.count >= wanted else {
            let found = "holds \(numbers.count) layers"
            guard !empty.isEmpty else {
                throw Fault(message: "\(found), but model.layers is \(wanted); at most \(numbers.count) are allowed")
            }
            let dense = RoutingText.list(empty.sorted().map { numbers[$0] })
            let verb = empty.count == 1 ? source.empty.one : source.empty.many
            throw Fault(
                message: "\(found), of which \(dense) \(verb); \(rest.count) are left, but model.layers is \(wanted)"
            )
        }
        let layers = Array(rest.prefix(wanted))
        var notes: [String] = []
        if !empty.isEmpty {
            let dense = RoutingText.list(empty.sorted().map { numbers[$0] })
            let isOne = empty.count == 1
            notes.append(
                "\(Counted.noun(empty.count, "layer")) \(dense) of \(source.name) "
                    + "\(isOne ? source.empty.one : source.empty.many), and \(isOne ? "is" : "are") left out"
            )
        }
        if rest.count > wanted {
            let used = RoutingText.list(layers.map { numbers[$0] })
            notes.append(source.note(held: rest.count, wanted: wanted, used: used))
        }
        return (layers, notes)
    }
}

extension ValueRule where Value == LayerChoice {
    /// The rule of a choice of layers.
    public static var layers: ValueRule {
        ValueRule(allowed: LayerChoice.allowed, form: .list, value: { LayerChoice($0) }, text: { $0.text })
    }
}
