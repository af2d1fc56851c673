import Tensors

/// The writer of recorded routing in the form that a trace workload replays.
public enum TraceFile {
    /// Check that recorded routing can be replayed: no token may have an expert twice in a layer.
    ///
    /// - Throws: ``WorkloadError`` with the first token that has.
    public static func check(_ routing: any RecordedRouting, _ loads: RoutingLoads) throws(WorkloadError) {
        for (index, layer) in loads.layers.enumerated() {
            guard let duplicate = layer.firstDuplicate else { continue }
            let whole = layer.counts.count == 1 && layer.duplicates > 0 && routing.shape.choices > 1
            let hint = whole ? "; a layer of zeros alone has no experts, and --layers can leave it out" : ""
            let message = "expert \(duplicate.expert) is chosen twice; the experts of a token must differ\(hint)"
            let place = routing.place(token: duplicate.token, layer: index)
            throw WorkloadError(file: routing.path, message: "\(place): \(message)")
        }
    }

    /// Write `topk_ids` [token, layer, k], and `topk_weights`, `token_ids`, `sequence_lengths` and `source_rank` where there are
    /// some, to a `.safetensors` file; or the first alone to a `.npy` file.
    ///
    /// - Parameters:
    ///   - routing: as ``check(_:_:)`` allows it.
    ///   - experts: the highest expert plus 1, which decides on the type of the ids.
    ///   - path: the file; one of that name is replaced once the new one is whole.
    /// - Throws: ``WorkloadError`` when reading fails, ``TensorFileError`` when writing does.
    public static func write(_ routing: any RecordedRouting, experts: Int, to path: String) throws {
        let shape = routing.shape
        let isNarrow = experts <= Int(Int16.max)
        let ids = TensorSpec(
            name: "topk_ids",
            dtype: isNarrow ? .i16 : .i32,
            shape: [shape.tokens, shape.layers.count, shape.choices]
        )
        if path.hasSuffix(".npy") {
            var writer = try NpyWriter(path: path, ids)
            for tokens in shape.pieces {
                let block = try routing.block(tokens)
                if isNarrow {
                    try writer.append(block.experts.map { Int16(truncatingIfNeeded: $0) })
                } else {
                    try writer.append(block.experts)
                }
            }
            return try writer.finish()
        }
        var tensors = [ids]
        if routing.hasWeights { tensors.append(TensorSpec(name: "topk_weights", dtype: .f32, shape: ids.shape)) }
        let labels = [
            ("token_ids", routing.tokenIDs), ("sequence_lengths", routing.sequenceLengths?.map { Int32($0) }),
            (LabelTensor.source, routing.sourceRanks),
        ]
        for (name, values) in labels {
            if let values { tensors.append(TensorSpec(name: name, dtype: .i32, shape: [values.count])) }
        }
        let numbers = shape.layers.map(String.init).joined(separator: ",")
        let writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: ["layers": numbers])
        for (name, values) in labels {
            if let values { try writer.write(name, atRow: 0, integers: values) }
        }
        for tokens in shape.pieces {
            let block = try routing.block(tokens)
            if isNarrow {
                let narrow = block.experts.map { Int16(truncatingIfNeeded: $0) }
                try writer.write(ids.name, atRow: tokens.lowerBound, integers: narrow)
            } else {
                try writer.write(ids.name, atRow: tokens.lowerBound, integers: block.experts)
            }
            if let weights = block.weights {
                try writer.write("topk_weights", atRow: tokens.lowerBound, floats: weights)
            }
        }
        try writer.finish()
    }
}
