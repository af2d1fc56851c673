import Basics
import FoundationEssentials
import Tensors

/// One object of recorded routing: what an engine or a person writes of a token, of a request, or of a request's
/// answers.
struct RoutingObject: Decodable {
    /// The names of lists of experts, and of their weights; one of each may be there.
    static let idKeys = RoutingNames.ids
    static let weightKeys = RoutingNames.weights

    let token: Int?
    let layer: Int?
    let prompt: NestedExperts?
    let experts: NestedExperts?
    let weights: NestedNumbers<Float>?
    /// The masks that are there, with their names: flags of the tokens, 1 for a token and 0 for padding.
    let masks: [(name: String, flags: [Int])]
    let choices: [RoutingObject]?
    /// The keys that sound like routing, or say something of tokens, and are not read.
    let passedOver: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        func value<Value: Decodable>(_ keys: [String]) throws -> Value? {
            let found = try keys.map(JSONKey.init(stringValue:)).filter {
                try container.contains($0) && !container.decodeNil(forKey: $0)
            }
            if found.count > 1 {
                throw DecodingError.dataCorruptedError(
                    forKey: found[1],
                    in: container,
                    debugDescription: "\(found[0].stringValue) is there, too, and one of them is allowed"
                )
            }
            return try found.first.map { try container.decode(Value.self, forKey: $0) }
        }
        token = try value(["token"])
        layer = try value(["layer"])
        prompt = try value(["prompt_routed_experts"])
        experts = try value(Self.idKeys)
        weights = try value(Self.weightKeys)
        masks = try LabelTensor.masks.compactMap { name in
            let flags: [Int]? = try value([name])
            return flags.map { (name, $0) }
        }
        choices = try value(["choices"])
        let known = Set(
            ["token", "layer", "prompt_routed_experts", "choices"] + Self.idKeys + Self.weightKeys + LabelTensor.masks
        )
        passedOver = container.allKeys.map(\.stringValue).filter { key in
            !known.contains(key)
                && (LabelTensor.isKnown(key)
                    || ["expert", "weight", "mask", "rout"].contains { key.lowercased().contains($0) })
        }
    }
}

/// The reader of recorded routing in JSON lines: an object per token and layer, per token, or per request.
///
/// The depth of the lists decides: `[k]` is one token in one layer, `[layer, k]` one token, `[token, layer, k]` a request
/// whose tokens follow those of the line before. An answer of vLLM's server is read as it is.
struct RoutingJSON {
    private let path: String
    private var assembly: RoutingAssembly
    private var lengths: [Int] = []
    /// Rows that were padding, and all rows.
    private var padding = (left: 0, all: 0)
    /// The keys of some object that sound like routing, and are not read.
    private var passedOver: Set<String> = []
    /// The masks of some request, by their names.
    private var maskNames: Set<String> = []
    /// The depth of the lists, and whether tokens have numbers, on the first line.
    private var kind: (depth: Int, hasToken: Bool)?
    private var tokens = 0

    private init(path: String) {
        self.path = path
        assembly = RoutingAssembly(path: path, isChoiceWise: false)
    }

    /// Read a file of JSON lines, or of one object.
    ///
    /// - Parameter isOneObject: true when the whole file is one.
    /// - Throws: ``WorkloadError`` with the line and what is allowed, for whatever is wrong with it.
    static func read(path: String, isOneObject: Bool) throws(WorkloadError) -> RoutingTable {
        do {
            var reader = RoutingJSON(path: path)
            if isOneObject {
                try reader.add(TextLines.whole(path: path), line: 1)
            } else {
                var lines = try TextLines(path: path)
                while let line = try lines.next() { try reader.add(line, line: lines.number) }
            }
            let isRequests = reader.kind?.depth == 3
            let object = ["token and layer", "token", "request"][(reader.kind?.depth ?? 1) - 1]
            return try reader.assembly.routing(
                form: "JSON, an object per \(object)",
                sequenceLengths: isRequests ? reader.lengths : nil,
                note: reader.note
            )
        } catch let error as TensorFileError {
            throw WorkloadError(error)
        } catch let error as WorkloadError {
            throw error
        } catch {
            throw WorkloadError(file: path, message: "cannot be read: \(error)")
        }
    }

    private var note: String? {
        var notes: [String] = []
        if padding.left > 0 {
            let names = WordList.all(LabelTensor.masks.filter(maskNames.contains))
            notes.append(KeptTokens.note(padding: padding.left, of: padding.all, by: names))
        }
        if !passedOver.isEmpty {
            let allowed = WordList.all(RoutingObject.idKeys + RoutingObject.weightKeys + LabelTensor.masks)
            notes.append("not read: \(Quoted.list(passedOver.sorted())); the names that are read are \(allowed)")
        }
        return WordList.notes(notes)
    }

    private mutating func add(_ bytes: [UInt8], line: Int) throws(WorkloadError) {
        let object: RoutingObject
        do {
            // Python writes NaN, which is to be named as what it is.
            object = try JSONText.decode(from: Data(bytes), keys: .asTheyAre, isLoose: true)
        } catch {
            throw self.error("\(error)", line)
        }
        let parts = object.choices ?? [object]
        passedOver.formUnion(object.passedOver + parts.flatMap(\.passedOver))
        // A bound on what a note may hold.
        passedOver = Set(passedOver.sorted().prefix(8))
        let lists = [object.prompt] + parts.map(\.experts)
        guard lists.contains(where: { $0 != nil }) else {
            throw error(
                "no experts; allowed are \(WordList.alternatives(RoutingObject.idKeys)), or choices of them",
                line
            )
        }
        if object.choices != nil, let mask = object.masks.first {
            throw error("\(mask.name) beside choices; it goes with the experts of one of them", line)
        }
        // A prompt counts once, whatever the number of its answers, and is one sequence with the first.
        var begun = tokens
        if let prompt = object.prompt { try add(prompt, nil, object, line) }
        for part in parts {
            if let experts = part.experts { try add(experts, part.weights, part, line) }
            if tokens > begun { lengths.append(tokens - begun) }
            begun = tokens
        }
    }

    /// Add the choices of one list.
    private mutating func add(
        _ experts: NestedExperts,
        _ weights: NestedNumbers<Float>?,
        _ object: RoutingObject,
        _ line: Int
    ) throws(WorkloadError) {
        let shape = experts.numbers.shape
        try check(shape, weights?.shape, object, line)
        let ids = try experts.numbers.values.map { (id) throws(WorkloadError) in
            guard RoutingShape.expertNumbers.contains(id) else { throw error(RoutingFault.expert("\(id)"), line) }
            return Int32(id)
        }
        if let weight = weights?.values.first(where: { !RoutingFault.isWeight($0) }) {
            throw error(RoutingFault.weight("\(weight)"), line)
        }
        let choices = shape[shape.count - 1]
        let layers = shape.count > 1 ? shape[shape.count - 2] : 1
        let rows = shape.count > 2 ? shape[0] : 1
        let flags = try flags(of: object, rows: rows, depth: shape.count, line)
        let kept = (0..<rows).filter { flags?[$0] ?? true }
        padding = (padding.left + rows - kept.count, padding.all + rows)
        for (place, row) in kept.enumerated() {
            for layer in 0..<layers {
                let range = (row * layers + layer) * choices..<(row * layers + layer + 1) * choices
                try assembly.append(
                    RoutingAssembly.Piece(
                        token: object.token ?? tokens + place,
                        layer: object.layer ?? layer,
                        line: line,
                        experts: Array(ids[range]),
                        weights: weights.map { Array($0.values[range]) }
                    )
                )
            }
        }
        tokens += kept.count
    }

    /// The flags of a request's tokens, or nil where it has none.
    private mutating func flags(
        of object: RoutingObject,
        rows: Int,
        depth: Int,
        _ line: Int
    ) throws(WorkloadError) -> [Bool]? {
        var joined = PaddingFlags()
        for (name, flags) in object.masks {
            guard depth == 3, flags.count == rows, object.prompt == nil else {
                throw error(
                    "\(name) of \(flags.count) flags; it goes with the experts of as many tokens, in lists [token][layer][k]",
                    line
                )
            }
            let own = try PaddingFlags.flags(flags) { error("\(name) \($0)", line) }
            joined.join(own, name)
            maskNames.insert(name)
        }
        return joined.values
    }

    /// Check the shape of a list, and that all lines are of one kind.
    private mutating func check(
        _ shape: [Int],
        _ weights: [Int]?,
        _ object: RoutingObject,
        _ line: Int
    ) throws(WorkloadError) {
        let depth = shape.count
        if let weights, weights != shape {
            throw error("weights of shape \(weights) for experts of shape \(shape)", line)
        }
        if let token = object.token, !(0...RoutingAssembly.largestToken).contains(token) {
            throw error("token \(token); allowed are 0 to \(RoutingAssembly.largestToken)", line)
        }
        if let layer = object.layer, !(0...LayerNumber.largest).contains(layer) {
            throw error("layer \(layer); allowed are 0 to \(LayerNumber.largest)", line)
        }
        if object.layer != nil, depth > 1 || object.token == nil {
            throw error("a layer; it goes with a token and a list of its experts in that layer", line)
        }
        if object.token != nil, depth == 3 {
            throw error("a token; the experts are those of several, in lists [token][layer][k]", line)
        }
        let (first, own) = (kind ?? (depth, object.token != nil), (depth, object.token != nil))
        guard first == own else {
            throw error(
                "experts in lists of depth \(depth) \(own.1 ? "with" : "without") a token; the first line has them "
                    + "in lists of depth \(first.depth) \(first.hasToken ? "with" : "without") one",
                line
            )
        }
        kind = first
        let (pieces, isHuge) = shape.dropLast().reduce(into: (1, false)) { product, size in
            let (value, overflow) = product.0.multipliedReportingOverflow(by: size)
            product = (value, product.1 || overflow)
        }
        guard !isHuge, pieces <= RoutingAssembly.largestToken - assembly.count else {
            throw error("too many tokens; at most \(RoutingAssembly.largestToken) in all layers are read", line)
        }
    }

    private func error(_ message: String, _ line: Int) -> WorkloadError {
        WorkloadError(file: path, message: "line \(line): \(message)")
    }
}
