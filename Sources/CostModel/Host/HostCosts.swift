import MoE

/// Seconds of processor time that each piece of a layer's work takes on an idle host.
struct HostCosts {
    let profile: HostProfile
    let stack: HostStack

    private var hidden: Double { Double(stack.model.hidden) }

    private func seconds(_ constant: HostConstant, _ count: Double) -> Double {
        count * profile[constant] * (constant.unit == "us" ? 1e-6 : 1e-9)
    }

    /// Seconds of `count` units of the coordinator's or the messages' work, times the factor by which a run slows them
    /// down.
    private func overhead(_ constant: HostConstant, _ count: Double) -> Double {
        seconds(constant, count) * profile[.runOverhead]
    }

    // MARK: - Coordinator

    /// Seconds of norm, logits and routing of a layer.
    func gate(_ layer: HostLayer) -> Double {
        let values = layer.tokens * hidden
        let experts = Double(stack.model.candidates)
        let logits = max(
            overhead(.tokenPass, values),
            2 * values * experts / (profile[.f32Products] * 1e9) * profile[.runOverhead]
        )
        return (stack.normalizes ? overhead(.tokenPass, values) : 0) + (stack.computesLogits ? logits : 0)
            + overhead(.routeExpert, layer.tokens * experts) + overhead(.layerStart, 1)
    }

    /// Seconds of permuting and encoding a chunk.
    func build(_ chunk: HostLayer) -> Double {
        let rows = chunk.ranks.reduce(0) { $0 + rowsComputed(by: $1) }
        let sent = chunk.ranks.reduce(0) { $0 + $1.sentRows }
        return overhead(.permuteCopy, rows) + moved(sent, to: stack.dispatch) * profile[.runOverhead]
    }

    /// Seconds of handing over or reading one message.
    var message: Double { overhead(.messageWork, 1) }

    /// Seconds of summing the outputs of a chunk.
    func combine(_ chunk: HostLayer) -> Double {
        let rows = chunk.ranks.reduce(0) { $0 + $1.replyRows }
        return overhead(.sumCopy, rows * hidden) + overhead(.sumToken, chunk.tokens * hidden)
    }

    /// Seconds of adding the outputs of the coordinator's own experts.
    func finish(_ layer: HostLayer) -> Double {
        overhead(.sumToken, layer.tokens * hidden * Double(1 + stack.common.count))
    }

    // MARK: - Wire

    /// The latency of a message, in seconds.
    var latency: Double { overhead(.messageLatency, 1) }

    /// Seconds that rows take on the wire.
    func carried(_ rows: Double, _ type: HostStack.RowType) -> Double {
        rows * type.bytes / (profile[.linkBandwidth] * 1e9) * profile[.runOverhead]
    }

    /// Seconds until one thread of a process has woken another.
    var wake: Double { overhead(.threadWake, 1) }

    // MARK: - Experts

    /// Seconds of a chunk on a rank, on one thread: gathering rows, products, and converting outputs where needed.
    ///
    /// - Parameters:
    ///   - routed: rows of each routed expert.
    ///   - shared: rows of each common expert.
    ///   - setups: products that were not set up for so many rows before.
    ///   - missing: the share of the weights that is not in the caches.
    func compute(routed: [Int], shared: Double, setups: Int, missing: Double) -> Double {
        let rows = Double(routed.reduce(0, +)) + shared * Double(stack.common.count)
        let isSame = stack.dispatch.isSingle == (stack.arithmetic == .f32)
        let gathered = seconds(isSame || stack.arithmetic == .f32 ? .rowCopy : .rowRounding, rows * hidden)
        let converts = stack.weighsOnRanks || stack.arithmetic == .f32 && !stack.combine.isSingle
        let experts = routed.reduce(0) { $0 + products(stack.model.expert, rows: Double($1), missing: missing) }
        let converted = converts ? moved(rows, to: stack.combine) : 0
        return (gathered + experts + seconds(.productSetup, Double(setups)) + converted) * profile[.runProducts]
            + common(shared, missing: missing)
    }

    /// Seconds of the common experts, on one thread.
    func common(_ rows: Double, missing: Double) -> Double {
        stack.common.reduce(0) { $0 + products($1, rows: rows, missing: missing) } * profile[.runProducts]
    }

    /// Seconds of one expert: max(missing weights from memory + operations, weights from the caches), with weights read
    /// for each block of rows.
    private func products(_ shape: ExpertShape, rows: Double, missing: Double) -> Double {
        guard rows > 0, !shape.returnsInput else { return 0 }
        let blocks = max(1, (rows / Double(RowBlock.most)).rounded(.up))
        let weights = Double(shape.parameterCount) * stack.weightBytes
        let rate = profile[stack.arithmetic == .f32 ? .f32Products : .bf16Products] * 1e9
        let operations = rows * Double(shape.flopsPerToken) / rate
        // Later blocks of the same expert find what the first has brought, as far as the caches hold one expert.
        let again = min(missing, missingShare(weights))
        let read = weights * (missing + (blocks - 1) * again) / memoryBytesPerSecond
        return max(read + operations, blocks * weights / (profile[.cacheBandwidth] * 1e9))
    }

    /// Bytes per second that one core reads from memory while all other computing cores read, too.
    private var memoryBytesPerSecond: Double {
        let own = stack.sharesOnCoordinator && !stack.common.isEmpty ? stack.threads : 0
        let cores = min(Int(profile[.cores]), stack.workers * stack.threads + own)
        return min(profile[.coreBandwidth], profile[.memoryBandwidth] / Double(cores)) * 1e9
    }

    /// The share of `bytes` of weights that is no longer in the caches when all of them are used in turn.
    func missingShare(_ bytes: Double) -> Double {
        bytes > 0 ? max(0, 1 - profile[.cacheSize] * 1e6 / bytes) : 0
    }

    private func moved(_ rows: Double, to type: HostStack.RowType) -> Double {
        seconds(type.isSingle ? .rowCopy : .rowRounding, rows * hidden)
    }

    private func rowsComputed(by rank: HostLayer.Rank) -> Double {
        rank.expertRows.reduce(0, +) + rank.sharedRows * Double(stack.common.count)
    }
}
