import Basics

/// The layers of a model and which of them have experts, as its `config.json` says it.
struct ExpertLayers: Equatable, Sendable {
    /// The value of a key, as far as a rule reads it.
    private struct Claim: Equatable, Sendable {
        let rule: LayerRule
        let numbers: [Int]
        /// The values of all keys that were read, in words.
        let words: String

        /// Whether a layer may have experts by this value.
        func allows(_ layer: Int) -> Bool {
            switch rule.kind {
            case .words, .only: numbers.contains(layer)
            case .except: !numbers.contains(layer)
            case .from: layer >= numbers.min() ?? 0
            case .through: numbers.contains { $0 < 0 } || layer <= numbers.max() ?? layer
            case .everyNth: numbers[0] > 0 && (layer + 1) % numbers[0] == 0
            case .everySecondOfN: numbers[0] > 0 && (numbers[0] == 1 || layer % numbers[0] == 1)
            case .frequency: layer % numbers[0] == 0
            case .period: layer % numbers[0] == numbers[1]
            }
        }
    }

    /// The number of layers, dense ones included; nil where the file does not say.
    let count: Int?
    private let countWords: String
    private let claims: [Claim]

    /// The most layers that a model may have.
    private static let mostLayers = 65_536

    /// A file that says nothing.
    static let unsaid = ExpertLayers(count: nil, countWords: "", claims: [])

    private init(count: Int?, countWords: String, claims: [Claim]) {
        (self.count, self.countWords, self.claims) = (count, countWords, claims)
    }

    /// Read what the file says; what a class has for keys that are left out is not looked at.
    ///
    /// - Throws: ``CheckpointError`` for a value that is not of its key's kind, and for a list of layers' types that has
    ///   not as many as there are layers.
    init(_ reader: ConfigurationReader, _ keys: LayerKeys) throws(CheckpointError) {
        let countKey = keys.counts.first { reader.value($0) != nil }
        count = try countKey.map { key throws(CheckpointError) in try reader.size([key]) } ?? nil
        if let count, count > Self.mostLayers {
            let allowed = "at most \(Self.mostLayers) layers"
            throw CheckpointError(path: reader.path, message: "\(countKey ?? "") is \(count), allowed: \(allowed)")
        }
        countWords = countKey.map { "\($0) \(reader.value($0)?.shown ?? "")" } ?? ""
        var claims: [Claim] = []
        for rules in keys.rules {
            guard let rule = rules.first(where: { reader.value($0.key) != nil }) else { continue }
            if let claim = try Self.claim(rule, reader) { claims.append(claim) }
        }
        self.claims = claims
        for key in ["layer_types"] + keys.rules.joined().filter({ $0.kind == .words }).map(\.key) {
            guard let value = reader.value(key), case .list(let values) = value, let count else { continue }
            guard values.count == count else {
                let found = "config.json says \(countWords) and has \(values.count) values in \(key)"
                throw CheckpointError(path: reader.path, message: "\(found), allowed: one for each layer")
            }
        }
    }

    private static func claim(
        _ rule: LayerRule,
        _ reader: ConfigurationReader
    ) throws(CheckpointError) -> Claim? {
        guard let value = reader.value(rule.key) else { return nil }
        func failure(_ allowed: String) -> CheckpointError { reader.failure(rule.key, value, allowed) }
        func claim(_ numbers: [Int]) -> Claim {
            Claim(rule: rule, numbers: numbers, words: "\(rule.key) \(shown(value, numbers))")
        }
        func number(least: Int) throws(CheckpointError) -> Int {
            guard case .integer(let number) = value, number >= least else {
                throw failure("a whole number of at least \(least)")
            }
            return number
        }
        switch rule.kind {
        case .words:
            guard case .list(let values) = value else { throw failure("a list of strings") }
            var numbers: [Int] = []
            for (layer, value) in values.enumerated() {
                guard case .text(let word) = value else { throw failure("a list of strings") }
                if word != "dense" { numbers.append(layer) }
            }
            return claim(numbers)
        case .only, .except:
            guard let numbers = integers(value) else { throw failure("a list of numbers of layers") }
            return claim(numbers)
        case .from, .through:
            // ERNIE 4.5 VL has a number for the experts of text and one for those of pictures.
            guard case .list = value else { return claim([try number(least: rule.kind == .from ? 0 : -1)]) }
            guard let numbers = integers(value), !numbers.isEmpty else { throw failure("a number of a layer") }
            return claim(numbers)
        case .everyNth, .everySecondOfN:
            return claim([try number(least: 0)])
        case .frequency:
            guard case .list = value else { return claim([try number(least: 1)]) }
            guard let numbers = integers(value) else { throw failure("a whole number, or a list of 0 and 1") }
            return Claim(
                rule: LayerRule(rule.key, .only),
                numbers: numbers.indices.filter { numbers[$0] != 0 },
                words: "\(rule.key) \(shown(value, numbers))"
            )
        case .period(let offsetKey):
            guard let offset = try reader.size([offsetKey], minimum: 0) else { return nil }
            return Claim(
                rule: rule,
                numbers: [try number(least: 1), offset],
                words: "\(rule.key) \(value.shown) and \(offsetKey) \(offset)"
            )
        }
    }

    /// A value in words: a list of words by the layers with experts.
    private static func shown(_ value: JSONValue, _ numbers: [Int]) -> String {
        guard case .list(let values) = value else { return value.shown }
        guard case .text? = values.first else {
            let shown = numbers.prefix(12).map(String.init).joined(separator: ", ")
            return "[\(shown)\(numbers.count > 12 ? ", …" : "")]"
        }
        return "with experts in \(numbers.isEmpty ? "none" : rangeList(numbers))"
    }

    private static func integers(_ value: JSONValue) -> [Int]? {
        guard case .list(let values) = value else { return nil }
        var numbers: [Int] = []
        for value in values {
            guard case .integer(let number) = value else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// Whether a layer has experts; nil where the file does not say.
    fileprivate func hasExperts(_ layer: Int) -> Bool? {
        if claims.contains(where: { !$0.allows(layer) }) { return false }
        return claims.contains { !$0.rule.isWeak } ? true : nil
    }

    /// What says that a layer has no experts, in words.
    fileprivate func refusal(_ layer: Int) -> String {
        if let count, layer >= count { return countWords }
        return claims.first { !$0.allows(layer) }?.words ?? ""
    }

    /// Whether the file says that a layer does not exist or has no experts.
    fileprivate func refuses(_ layer: Int) -> Bool {
        count.map { layer >= $0 } == true || hasExperts(layer) == false
    }

    /// All that the file says, in words.
    fileprivate var words: String { ([countWords] + claims.map(\.words)).joined(separator: ", ") }
}

extension CheckpointConfiguration {
    /// Check that the layers of a run are layers with experts by the file, and say what it has beside them.
    ///
    /// Whoever chooses layers has them, whatever the file says; a checkpoint may hold some layers of a model alone, as long
    /// as nothing is there of the others.
    ///
    /// - Parameters:
    ///   - numbers: the layers of the run, which are those in the checkpoint that have a router where `areAll`.
    ///   - areAll: whether they stand for the whole model.
    ///   - family: the names of the tensors.
    /// - Returns: what the file says otherwise, a sentence each, for layers that were chosen or are not there at all.
    /// - Throws: ``CheckpointError`` that names the layers and the keys, where layers that were not chosen have experts
    ///   against the file, or have tensors but no experts against it.
    public func check(
        layers numbers: [Int],
        areAll: Bool,
        of family: CheckpointFamily,
        in checkpoint: Checkpoint
    ) throws(CheckpointError) -> [String] {
        if let refused = numbers.first(where: { expertLayers.refuses($0) }) {
            let said =
                "config.json says \(expertLayers.refusal(refused)), by which there are no experts in layer \(refused); the "
                + "tensors of layer \(refused) are experts"
            guard areAll else { return [said] }
            throw CheckpointError(path: checkpoint.path, message: "\(said), allowed: a model.layer that is meant")
        }
        guard areAll, let count = expertLayers.count else { return [] }
        let found = Set(numbers)
        let missing = (0..<count).filter { layer in
            !found.contains(layer)
                && (expertLayers.hasExperts(layer) ?? !family.isDense(layer, in: checkpoint))
        }
        guard !missing.isEmpty else { return [] }
        let said =
            "config.json says \(expertLayers.words); the checkpoint has experts in layers \(rangeList(numbers)), not in "
            + rangeList(missing)
        guard missing.contains(where: { family.hasTensors(of: $0, in: checkpoint) }) else {
            return ["a part of a model: \(said), of which it has no tensor"]
        }
        throw CheckpointError(
            path: checkpoint.path,
            message: "\(said), allowed: the experts of all layers, or a model.layer that is there"
        )
    }
}
