import Basics
import MoE

/// The check that tokens of a model can have the loads of a file, and what draws them.
struct LoadCheck {
    /// The most groups of experts.
    static let mostGroups = 64

    let file: ExpertLoadFile
    let model: ModelShape
    let topK: Int
    let limit: GroupChoice?

    /// The layers of the file that are those of the model, with notes on the others.
    ///
    /// - Throws: ``WorkloadError`` when there are not as many, or not of as many experts.
    func layers(_ choice: LayerChoice?) throws(WorkloadError) -> (layers: [ExpertLoadFile.Layer], notes: [String]) {
        let (layers, notes) = try chosen(choice)
        return (try layers.map { (layer) throws(WorkloadError) in try checked(layer) }, notes)
    }

    private func chosen(
        _ choice: LayerChoice?
    ) throws(WorkloadError) -> (layers: [ExpertLoadFile.Layer], notes: [String]) {
        let layers = file.layers
        let empty = layers.indices.filter { layers[$0].total <= 0 }
        do throws(LayerChoice.Fault) {
            let chosen = try LayerChoice.layers(
                choice,
                of: layers.map(\.number),
                empty: Set(empty),
                model: model,
                in: .loads(Folder.name(of: file.path))
            )
            return (chosen.layers.map { layers[$0] }, chosen.notes)
        } catch {
            throw self.error(error.message)
        }
    }

    /// A layer with the experts of the model.
    private func checked(_ layer: ExpertLoadFile.Layer) throws(WorkloadError) -> ExpertLoadFile.Layer {
        let missing = model.candidates - layer.shares.count
        guard missing == 0 || missing > 0 && file.leavesOutZeros else {
            let identity = model.identityExperts > 0 ? " and model.identity_experts \(model.identityExperts)" : ""
            throw error("holds \(layer.shares.count) experts, but model.experts is \(model.experts)\(identity)")
        }
        return layer.with(experts: model.candidates)
    }

    /// The odds of the experts of each layer of the model, by which tokens have its loads.
    ///
    /// - Throws: ``WorkloadError`` for loads that are not those of the model, or that no choices of k different experts
    ///   within the groups can have; it says by how much they go too far.
    func fits(_ layers: [ExpertLoadFile.Layer]) throws(WorkloadError) -> [ChoiceFit] {
        let experts = model.candidates
        if let limit {
            guard limit.groups <= Self.mostGroups, experts.isMultiple(of: limit.groups) else {
                throw error(
                    "\(experts) experts in \(limit.groups) groups: at most \(Self.mostGroups) equal groups are allowed"
                )
            }
            guard experts / limit.groups * limit.kept >= topK else {
                throw error("\(limit.kept) groups of \(experts / limit.groups) experts cannot give \(topK) a token")
            }
        }
        var fits: [ChoiceFit] = []
        for layer in layers { fits.append(try fit(layer.shares, layer.number)) }
        return fits
    }

    private func fit(_ shares: [Double], _ layer: Int) throws(WorkloadError) -> ChoiceFit {
        try checkExperts(shares, layer)
        if let limit, limit.limits { try checkGroups(shares, limit, layer) }
        let law = ChoiceLaw(shares: shares, choices: topK, limit: limit)
        let fit = ChoiceFit(law)
        guard fit.isPossible else { throw impossible(law, fit, layer) }
        return fit
    }

    /// Check that no expert has more than one copy of each token, and that at least k experts have tokens.
    private func checkExperts(_ shares: [Double], _ layer: Int) throws(WorkloadError) {
        let most = 1 / Double(topK)
        if let expert = shares.indices.first(where: { shares[$0] > most * (1 + 1e-6) }) {
            throw error(
                "layer \(layer): expert \(expert) has \(shares[expert]) of the copies; with \(topK) different experts per "
                    + "token at most \(most) are possible"
            )
        }
        let used = shares.count { $0 > 0 }
        guard used >= topK else {
            throw error("layer \(layer): \(used) experts have tokens, but router.top_k is \(topK)")
        }
    }

    /// Check how many groups tokens need: one is used at least as often as the most chosen of its experts, and has at most
    /// as many copies of a token as it has experts with tokens.
    private func checkGroups(_ shares: [Double], _ limit: GroupChoice, _ layer: Int) throws(WorkloadError) {
        let size = shares.count / limit.groups
        var needed = 0.0
        for group in 0..<limit.groups {
            let experts = shares[group * size..<(group + 1) * size]
            let share = experts.reduce(0, +)
            let most = min(experts.count { $0 > 0 }, topK)
            guard most > 0 else { continue }
            needed += Double(topK) * max(experts.max() ?? 0, share / Double(most))
        }
        guard needed <= Double(limit.kept) * (1 + 1e-6) else {
            throw error(
                "layer \(layer): a token needs at least \(Self.text(needed)) groups on average to give the experts these "
                    + "loads; workload.groups_kept is \(limit.kept)"
            )
        }
    }

    private func impossible(_ law: ChoiceLaw, _ fit: ChoiceFit, _ layer: Int) -> WorkloadError {
        let groups = limit.map { "\($0.kept) of \($0.groups) groups" } ?? "all experts"
        let reason = "layer \(layer): no choices of \(topK) experts a token from \(groups) have these loads"
        let gaps = zip(fit.included, law.wanted).map { abs($0 - $1) }
        guard let place = gaps.indices.max(by: { gaps[$0] < gaps[$1] }), fit.included != law.wanted else {
            return error(reason)
        }
        let (wanted, found) = (law.wanted[place] / Double(topK), fit.included[place] / Double(topK))
        return error(
            "\(reason): expert \(law.experts[place]) has \(Self.text(wanted)) of the copies in the file, and would "
                + "have about \(Self.text(found))"
        )
    }

    private static func text(_ share: Double) -> String { FixedPoint.text(share, decimals: 4) }

    private func error(_ message: String) -> WorkloadError {
        WorkloadError(file: file.path, message: message)
    }
}
