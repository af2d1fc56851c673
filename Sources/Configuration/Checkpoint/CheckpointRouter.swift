import Basics
internal import Experts
internal import MoE

/// How the `config.json` of a checkpoint sets the options of its family's router.
///
/// The rules are those of transformers' modeling files, in evaluation.
struct CheckpointRouter {
    let family: CheckpointFamily
    let configuration: CheckpointConfiguration?

    /// The options that are known; nil where the config.json says nothing.
    var options: RouterOptions {
        var options = configuration?.options ?? RouterOptions()
        options.training = false
        options.topK = options.topK ?? family.fixedChoices
        // DeepSeek-V2's class in transformers does not read `norm_topk_prob`.
        if configuration?.modelType.map({ $0 == "deepseek_v2" }) ?? (family.name == "deepseek-v2") {
            options.normalize = nil
        }
        // The greedy method does not look at groups.
        if configuration?.topKMethod == "greedy" { (options.groups, options.groupsKept) = (1, 1) }
        if let configuration { setCapacity(configuration, &options) }
        return options
    }

    /// NLLB's words: a constant number of slots, or in evaluation a fraction of the tokens, and which copies come first.
    private func setCapacity(_ config: CheckpointConfiguration, _ options: inout RouterOptions) {
        if let fraction = config.evalCapacityFraction, fraction > 0 {
            (options.capacityOf, options.capacityFactor) = (.tokenFraction, fraction)
        } else if let slots = config.expertCapacity {
            (options.capacityOf, options.capacityFactor) = (.slots, Double(slots))
        }
        options.drop = config.isBatchPrioritized.map { .by($0 ? .batchPrioritised : .choice) }
        options.normalizeMoment = config.normalizesBeforeDrop.map { $0 ? .beforeDrop : .afterDrop }
        options.further = config.secondExpertPolicy.flatMap { Self.policies[$0] }
        if options.further?.hasThreshold == true { options.furtherThreshold = 0.5 }
    }

    /// NLLB's `second_expert_policy`; `random` asks where 2 p > U.
    private static let policies: [String: FurtherPolicy] = [
        "all": .all, "sampling": .sampling, "random": .randomByScore,
    ]

    /// What the config.json says and no option can follow, as a sentence, or nil.
    var contradiction: String? {
        let score = RouterCatalog.entry(named: family.routerName)?.rule?.score
        if let said = configuration?.scoreFunction, let score, said != score.rawValue {
            return
                "config.json says scoring_func \(Quoted.text(said)); family \(family.name) scores by \(score.rawValue)"
        }
        if let said = configuration?.secondExpertPolicy, Self.policies[said] == nil {
            let allowed = WordList.alternatives(Self.policies.keys.sorted())
            return "config.json says second_expert_policy \(Quoted.text(said)), allowed: \(allowed)"
        }
        return nil
    }
}
