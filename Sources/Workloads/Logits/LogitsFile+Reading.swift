import Basics
public import MoE
public import Tensors

extension LogitsFile {
    /// What a router is given for some tokens of a layer.
    ///
    /// - Parameters:
    ///   - rows: the tokens; a sequence that goes beyond them counts with the part that is among them.
    ///   - random: the random numbers of this (seed, step, layer).
    /// - Throws: ``WorkloadError`` that names the tensor which the router reads and the file lacks, or one whose shape
    ///   or values are not usable.
    public func batch(
        layer: LogitsLayer,
        rows: Range<Int>,
        for router: any Router,
        random: CounterRandom
    ) throws(WorkloadError) -> RouterBatch {
        var projections: [Matrix] = []
        for projection in router.projections {
            projections.append(try matrix(of: projection, layer: layer, rows: rows))
        }
        return RouterBatch(
            tokens: rows.count,
            experts: experts,
            projections: projections,
            recorded: try recordedChoices(layer: layer, rows: rows),
            tokenIDs: labels.ids(of: rows),
            sequenceLengths: labels.cut.lengths(from: rows.lowerBound, count: rows.count),
            random: random
        )
    }

    /// What a router remembers of a layer before its first step.
    ///
    /// - Throws: ``WorkloadError`` for a bias that does not have one finite number per expert.
    public func state(layer: LogitsLayer) throws(WorkloadError) -> RouterState {
        RouterState(
            selectionBias: try perExpert(["selection_bias", "e_score_correction_bias"], layer),
            gateBias: try perExpert(["gate_bias"], layer),
            thresholds: try perExpert(["thresholds"], layer)
        )
    }

    /// The choices that were recorded for some tokens of a layer; nil when the file has no `topk_index` there.
    ///
    /// - Throws: ``WorkloadError`` for choices that are impossible, or are not those of all tokens.
    public func recordedChoices(layer: LogitsLayer, rows: Range<Int>) throws(WorkloadError) -> RecordedChoices? {
        guard has("topk_index", layer: layer) else { return nil }
        do throws(TensorFileError) {
            let names = (ids: layer.prefix + "topk_index", weights: layer.prefix + "topk_weight")
            let pair = try RoutingTrace.pair(names.ids, weights: names.weights, dimensions: 2, in: file)
            try checkTokens(pair.ids)
            guard pair.ids.elementsPerRow > 0 else { throw pair.ids.error("has no column; at least one is needed") }
            let check = TraceCheck(
                pair: pair,
                layer: layer.number,
                choices: pair.ids.elementsPerRow,
                experts: experts,
                rows: rows
            )
            return try check.record(ids: pair.ids.integers(rows: rows), weights: pair.weights?.floats(rows: rows))
        } catch {
            throw WorkloadError(error)
        }
    }

    /// Whether the recorded choices of some tokens were sent to their experts; nil when the file has no `kept` there.
    ///
    /// - Throws: ``WorkloadError`` when there is not one integer or truth value per choice.
    public func recordedKept(layer: LogitsLayer, rows: Range<Int>) throws(WorkloadError) -> [Bool]? {
        guard has("topk_index", layer: layer), has("kept", layer: layer) else { return nil }
        do throws(TensorFileError) {
            let (index, kept) = (try tensor("topk_index", layer), try tensor("kept", layer))
            guard kept.rows == index.rows, kept.elementsPerRow == index.elementsPerRow else {
                throw kept.error(
                    "has shape \(kept.shape); shape \(index.shape) is needed, as of \(Quoted.text(index.name))"
                )
            }
            if kept.dtype == .bool { return try kept.bytes(rows: rows).map { $0 != 0 } }
            return try kept.integers(rows: rows).map { $0 != 0 }
        } catch {
            throw WorkloadError(error)
        }
    }

    private func matrix(
        of projection: RouterProjection,
        layer: LogitsLayer,
        rows: Range<Int>
    ) throws(WorkloadError) -> Matrix {
        do throws(TensorFileError) {
            let view = projection == .gate ? layer.logits : try tensor(projection.tensorName, layer)
            guard view.shape.count == 2, view.dtype.isFloatingPoint else {
                let found = "has shape \(view.shape) of \(view.dtype.rawValue)"
                throw view.error("\(found); [token, column] of real numbers is needed")
            }
            try checkTokens(view)
            let values = try view.floats(rows: rows)
            return Matrix(rows: rows.count, columns: view.elementsPerRow, values: values)
        } catch {
            throw WorkloadError(error)
        }
    }

    /// One number per expert, or nothing where the layer has none of these tensors.
    private func perExpert(_ names: [String], _ layer: LogitsLayer) throws(WorkloadError) -> [Float] {
        guard let name = names.first(where: { has($0, layer: layer) }) else { return [] }
        do throws(TensorFileError) {
            let view = try tensor(name, layer)
            guard view.shape == [experts] else {
                throw view.error("has shape \(view.shape); [\(experts)] is needed, one number per expert")
            }
            let values = try view.floats(rows: 0..<experts)
            if let expert = values.firstIndex(where: { !$0.isFinite }) {
                throw view.error("is \(values[expert]) for expert \(expert); finite numbers are allowed")
            }
            return values
        } catch {
            throw WorkloadError(error)
        }
    }

    private func tensor(_ name: String, _ layer: LogitsLayer) throws(TensorFileError) -> TensorView {
        guard has(name, layer: layer) else {
            let message = "holds no \(Quoted.text(layer.prefix + name)), which the router reads; it holds "
            throw TensorFileError(path: path, message: message + Quoted.list(file.names))
        }
        return try file.tensor(named: layer.prefix + name)
    }

    private func checkTokens(_ view: TensorView) throws(TensorFileError) {
        guard view.rows == tokens else {
            throw view.error("has \(view.rows) rows; \(Quoted.text(layers[0].tensor)) has \(tokens), one per token")
        }
    }
}
