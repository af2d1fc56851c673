internal import Basics

/// The name of a file that is one of several: `model-00001-of-00002.safetensors`.
struct ShardName {
    /// The name in front of the number, and the number of files.
    struct Set: Hashable {
        let stem: String
        let count: Int
        let total: String
    }

    let set: Set
    let number: Int

    /// The parts of a file's name, or nil where it is not one of several.
    init?(_ file: String) {
        let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file[...]
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[parts.count - 2] == "of", let count = Self.number(parts[parts.count - 1]),
            let number = Self.number(parts[parts.count - 3])
        else { return nil }
        (set, self.number) = (
            Set(stem: parts.dropLast(3).joined(separator: "-"), count: count, total: String(parts[parts.count - 1])),
            number
        )
    }

    private static func number(_ text: Substring) -> Int? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }

    /// What is missing of a set of files, in words; nil where every set is whole. Sets count from 1, some from 0.
    static func missing(among files: [String]) -> String? {
        let sets = Dictionary(grouping: files.compactMap(ShardName.init), by: \.set)
        for (set, shards) in sets.sorted(by: { ($0.key.stem, $0.key.count) < ($1.key.stem, $1.key.count) }) {
            let numbers = Swift.Set(shards.map(\.number))
            let first = numbers.contains(0) ? 0 : 1
            let missing = (0..<min(set.count, 1 << 20)).map { $0 + first }.filter { !numbers.contains($0) }
            guard !missing.isEmpty else { continue }
            let name = Quoted.text("\(set.stem)-…-of-\(set.total).safetensors")
            return "holds \(numbers.count) of the \(set.count) files \(name): number \(rangeList(missing)) is not there"
        }
        return nil
    }
}

/// The files and tensors of an adapter (PEFT), which change the weights of the model beside them.
///
/// Source: peft, `utils/constants.py` and `save_pretrained`; transformers 5 loads an adapter from the folder of its model.
enum AdapterFiles {
    static let names: Set<String> = ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"]

    /// Whether a tensor is of an adapter, or of a model that one was put into.
    static func isOfAdapter(_ tensor: String) -> Bool {
        tensor.hasPrefix("base_model.model.") || tensor.contains(".lora_")
    }

    /// The refusal of what was found.
    static func refusal(_ found: String) -> String {
        "\(found), which is not read and would change the weights, allowed: weights into which it was merged"
    }
}
