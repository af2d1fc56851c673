/// The device-level token dropping of DeepSeek-V2 (arXiv 2405.04434, section 2.1.4), for training.
///
/// Each of D devices holds E / D neighbouring experts and takes factor T k / D copies (rounded down). Beyond that, the
/// copies of the lowest score are dropped. Some sequences are exempt: their copies are never dropped, and count.
public struct DeviceDrop: Equatable, Sendable {
    /// Number of devices, D.
    public var devices: Int
    /// The upper limit of a device's copies, as a multiple of the average copies of a device.
    public var factor: Double
    /// Share of the sequences whose copies are never dropped, drawn at random (about 0.1 in the paper).
    public var exemptShare: Double

    /// Create the rule of a drop over `devices` devices.
    public init(devices: Int, factor: Double = 1, exemptShare: Double = 0.1) {
        self.devices = devices
        self.factor = factor
        self.exemptShare = exemptShare
    }

    func check(experts: Int) throws(RoutingError) {
        guard devices >= 1 && experts % devices == 0 else {
            throw RoutingError("\(experts) experts do not divide into \(devices) devices of equal size")
        }
        guard factor.isFinite && factor > 0 else {
            throw RoutingError("the device capacity factor is \(factor); it must be above 0")
        }
    }

    /// Drop the copies over budget and close the gaps that they leave in their queues.
    func apply(to choices: inout ChoiceTable, batch: RouterBatch) throws(RoutingError) {
        let exempt = try exemptTokens(batch)
        let copies = choices.expert.count
        let budget = Int(exactly: (factor * Double(copies) / Double(devices) * (1 + 1e-12)).rounded(.down)) ?? .max
        let size = choices.experts / devices
        // A copy that capacity has dropped already takes nothing of the budget.
        let keys = choices.expert.indices.filter { choices.place[$0] != DispatchPlan.dropped }.map { copy in
            (isExempt: exempt[copy / choices.topK], weight: choices.weight[copy], copy: copy)
        }
        let order = keys.sorted {
            if $0.isExempt != $1.isExempt { return $0.isExempt }
            return ($1.weight, $0.copy) < ($0.weight, $1.copy)
        }
        var used = [Int](repeating: 0, count: devices)
        for key in order {
            let device = Int(choices.expert[key.copy]) / size
            used[device] += 1
            if used[device] > budget && !key.isExempt { choices.place[key.copy] = DispatchPlan.dropped }
        }
        closeGaps(&choices)
    }

    private func exemptTokens(_ batch: RouterBatch) throws(RoutingError) -> [Bool] {
        var exempt = [Bool](repeating: false, count: batch.tokens)
        for (sequence, tokens) in try batch.sequences().enumerated()
        where batch.uniform(.exemption, sequence) < exemptShare {
            for token in tokens { exempt[token] = true }
        }
        return exempt
    }

    private func closeGaps(_ choices: inout ChoiceTable) {
        var taken = [Int32](repeating: 0, count: choices.experts)
        for copy in choices.expert.indices where choices.place[copy] != DispatchPlan.dropped {
            choices.place[copy] = taken[Int(choices.expert[copy])]
            taken[Int(choices.expert[copy])] += 1
        }
    }
}
