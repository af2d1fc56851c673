import Basics
import MoE

/// The choices of recorded routing whose weight is 0: they are loads, but add nothing to any output.
struct ZeroWeights: Equatable, Sendable {
    /// The number of such choices.
    private(set) var count = 0
    /// The token and the layer of the first, in words.
    private var first = ""

    /// Count those among some choices.
    ///
    /// - Parameter place: the words for the token and layer of a choice, by its index.
    mutating func count(_ experts: [Int32], _ weights: [Float]?, place: (Int) -> String) {
        guard let weights else { return }
        for (index, weight) in weights.enumerated() where weight == 0 && experts[index] != ChoiceRows.none {
            if count == 0 { first = place(index) }
            count += 1
        }
    }

    /// A note on them, or nil for none.
    func note(of path: String) -> String? {
        guard count > 0 else { return nil }
        let verb = count == 1 ? "weight is" : "weights are"
        return
            "\(count) \(verb) 0 in \(Folder.name(of: path)), the first of \(first): such copies count as load and add nothing"
    }
}
