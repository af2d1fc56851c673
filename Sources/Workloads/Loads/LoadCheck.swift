import MoE

/// Checks that tokens of a model can have the loads of a file.
struct LoadCheck {
    let file: ExpertLoadFile
    let model: ModelShape
    let topK: Int
    let limit: GroupChoice?

    func run() throws(WorkloadError) {
        let (layers, experts) = (file.shares.count, file.shares[0].count)
        guard model.layers <= layers else {
            throw error("holds \(layers) layers with tokens, but model.layers is \(model.layers)")
        }
        guard model.experts == experts else {
            throw error("holds \(experts) experts, but model.experts is \(model.experts)")
        }
        if let limit {
            guard limit.groups <= AllowedGroups.most, experts.isMultiple(of: limit.groups) else {
                throw error(
                    "\(experts) experts in \(limit.groups) groups: at most \(AllowedGroups.most) equal groups are allowed"
                )
            }
            guard experts / limit.groups * limit.kept >= topK else {
                throw error("\(limit.kept) groups of \(experts / limit.groups) experts cannot give \(topK) a token")
            }
        }
        for (layer, shares) in file.shares.prefix(model.layers).enumerated() { try check(shares, layer) }
    }

    /// No expert can have more than one copy of each token.
    private func check(_ shares: [Double], _ layer: Int) throws(WorkloadError) {
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

    private func error(_ message: String) -> WorkloadError {
        WorkloadError(file: file.path, message: message)
    }
}
