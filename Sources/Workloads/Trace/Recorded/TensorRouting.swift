import Basics
import MoE
import Tensors

/// Recorded routing in tensors, whatever their names and the order of their axes.
///
/// Read are one tensor for all layers or one for each, with the weights in tensors of the same shapes or without.
struct TensorRouting: RecordedRouting {
    /// The tensors of all layers, or of one.
    private struct Part: Sendable {
        let ids: TensorView
        let weights: TensorView?
        let strides: AxisStrides
        /// The index of its first layer.
        let firstLayer: Int
    }

    private let parts: [Part]
    private let kept: KeptTokens
    let path: String
    let form: String
    let shape: RoutingShape
    let tokenIDs: [Int32]?
    let sequenceLengths: [Int]?
    let sourceRanks: [Int32]?

    var hasWeights: Bool { parts[0].weights != nil }
    let note: String?

    /// Find the tensors and check that their shapes agree; no choices are read.
    init(_ file: any TensorFile, _ names: RoutingNames) throws(TensorFileError) {
        path = file.path
        let found = try names.resolved(in: file)
        let batch = try LabelTensor.batchShape(in: file)
        var notes = found.notes
        var parts: [Part] = []
        var axes: RoutingAxes?
        for layer in found.layers {
            var ids = try file.tensor(named: layer.ids)
            var weights = try layer.weights.map { (name) throws(TensorFileError) in try file.tensor(named: name) }
            var asked = names.axes
            if asked == nil {
                (ids, weights) = (ids.withTokenRows(batch), weights?.withTokenRows(batch))
                if !found.isPerLayer, ids.shape.count == 3, !ids.dtype.isFloatingPoint {
                    let assumed = try AssumedAxes(of: ids, in: file, layers: nil, key: "epsim trace convert --axes")
                    asked = assumed.axes
                    notes += [assumed.note].compactMap(\.self)
                }
            }
            let ownAxes = try Self.axes(of: ids, weights, asked: asked, isLayer: found.isPerLayer)
            if let first = parts.first, ids.shape != first.ids.shape {
                throw ids.error("has shape \(ids.shape); \"\(first.ids.name)\" has \(first.ids.shape), as all must")
            }
            try Self.checkSizes(of: ids, ownAxes)
            let strides = AxisStrides(ownAxes, shape: ids.shape)
            parts.append(Part(ids: ids, weights: weights, strides: strides, firstLayer: parts.count))
            axes = ownAxes
        }
        guard let first = parts.first, let axes else {
            throw TensorFileError(path: path, message: "holds no layers")
        }
        let strides = first.strides
        let numbers = found.isPerLayer ? found.layers.map(\.number) : Array(0..<strides.layers)
        guard numbers.count <= RoutingShape.mostLayers else {
            let message = "holds \(numbers.count) layers; at most \(RoutingShape.mostLayers) are allowed"
            throw TensorFileError(path: path, message: message)
        }
        self.parts = parts
        form = "\(found.isPerLayer ? "tensors" : "tensor") \(Quoted.text(found.title)) \(axes.text)"
        let labels = try TokenLabels(file, tokens: strides.tokens, sequenceTokens: nil)
        kept = labels.kept
        note = WordList.notes([labels.kept.note, LabelTensor.unreadNote(in: file)] + notes)
        guard kept.count > 0 else { throw TensorFileError(path: path, message: "holds no token") }
        shape = RoutingShape(tokens: kept.count, layers: numbers, choices: strides.choices)
        sourceRanks = try TraceChoice.sources(in: file, kept: kept, ranks: Int(Int32.max))
        tokenIDs = labels.ids
        sequenceLengths = labels.cut.wholeLengths
    }

    /// The axes of a tensor, whose weights must have its shape.
    private static func axes(
        of ids: TensorView,
        _ weights: TensorView?,
        asked: RoutingAxes?,
        isLayer: Bool
    ) throws(TensorFileError) -> RoutingAxes {
        let found = "has shape \(ids.shape) of \(ids.dtype.rawValue)"
        guard !ids.dtype.isFloatingPoint, ids.dtype != .bool else {
            throw ids.error("\(found); expert numbers are integers")
        }
        guard let axes = asked ?? .usual(dimensions: ids.shape.count) else {
            throw ids.error("\(found); name its axes by --axes: \(RoutingAxes.allowed)")
        }
        guard axes.order.count == ids.shape.count else {
            throw ids.error("\(found), which are not the axes \(axes.text); name them by --axes")
        }
        guard !isLayer || !axes.order.contains(.layer) else {
            throw ids.error("is of one layer; its axes are token,k or k,token, not \(axes.text)")
        }
        if let weights, weights.shape != ids.shape || !weights.dtype.isFloatingPoint {
            let found = "has shape \(weights.shape) of \(weights.dtype.rawValue)"
            throw weights.error("\(found); shape \(ids.shape) of real numbers is needed, as of \"\(ids.name)\"")
        }
        return axes
    }

    /// Check that there is something on each axis, and not more than can be on those of layers and choices.
    private static func checkSizes(of ids: TensorView, _ axes: RoutingAxes) throws(TensorFileError) {
        let most = [RoutingAxes.Axis.layer: RoutingShape.mostLayers, .choice: RoutingShape.mostExperts]
        for (axis, size) in zip(axes.order, ids.shape) where !(1...most[axis, default: .max]).contains(size) {
            let allowed = most[axis].map { "1 to \($0) are allowed" } ?? "at least 1 is needed"
            throw ids.error("has shape \(ids.shape) as \(axes.text): \(size) on axis \(axis.rawValue); \(allowed)")
        }
    }

    func block(_ tokens: Range<Int>) throws(WorkloadError) -> RoutingBlock {
        do {
            let rows = kept.rows(tokens)
            guard rows.count != 1 else { return try read(rows[0]) }
            var block = RoutingBlock(experts: [], weights: hasWeights ? [] : nil)
            for run in rows {
                let part = try read(run)
                block.experts += part.experts
                block.weights? += part.weights ?? []
            }
            return block
        } catch {
            throw WorkloadError(error)
        }
    }

    private func read(_ tokens: Range<Int>) throws(TensorFileError) -> RoutingBlock {
        let count = tokens.count * shape.choicesPerToken
        var experts = [Int32](repeating: ChoiceRows.none, count: count)
        var weights = hasWeights ? [Float](repeating: 0, count: count) : nil
        for part in parts {
            func target(_ place: (token: Int, layer: Int, choice: Int)) -> Int {
                (place.token * shape.layers.count + part.firstLayer + place.layer) * shape.choices + place.choice
            }
            try part.strides.forEachRun(tokens) { (run, place) throws(TensorFileError) in
                let ids = part.ids.flat
                for (index, id) in try ids.integers(rows: run).enumerated() {
                    guard RoutingShape.expertNumbers.contains(id) else {
                        throw part.ids.error(fault(place(index), part, tokens, RoutingFault.expert("\(id)")))
                    }
                    experts[target(place(index))] = Int32(id)
                }
                try ids.releaseMemory(rows: run)
                guard let view = part.weights?.flat else { return }
                for (index, weight) in try view.floats(rows: run).enumerated() {
                    guard RoutingFault.isWeight(weight) else {
                        throw view.error(fault(place(index), part, tokens, RoutingFault.weight("\(weight)")))
                    }
                    weights?[target(place(index))] = weight
                }
                try view.releaseMemory(rows: run)
            }
        }
        return RoutingBlock(experts: experts, weights: weights)
    }

    private func fault(
        _ place: (token: Int, layer: Int, choice: Int),
        _ part: Part,
        _ tokens: Range<Int>,
        _ fault: String
    ) -> String {
        "\(name(token: tokens.lowerBound + place.token, layer: part.firstLayer + place.layer)): \(fault)"
    }

    func place(token: Int, layer: Int) -> String {
        let part = parts.count > 1 ? parts[layer] : parts[0]
        return "tensor \(Quoted.text(part.ids.name)): \(name(token: kept.row(of: token), layer: layer))"
    }
}

/// What is wrong with a number, and what is allowed.
enum RoutingFault {
    /// An expert that cannot be one.
    static func expert(_ found: String) -> String {
        "expert \(found); allowed are 0 to \(RoutingShape.mostExperts - 1), and -1 for no choice"
    }

    /// A weight that is none.
    static func weight(_ found: String, from lowest: Float = 0) -> String {
        "weight \(found); \(lowest == 0 ? "finite numbers from 0" : "finite numbers") are allowed"
    }

    /// True for a number that is the weight of a choice.
    static func isWeight(_ number: Float) -> Bool { number.isFinite && number >= 0 }
}

extension SequenceCut {
    /// The lengths of the sequences of the source, or nil where it does not tell.
    var wholeLengths: [Int]? {
        guard case .ends(let ends) = self else { return nil }
        return zip(ends, [0] + ends).map { $0 - $1 }
    }
}
