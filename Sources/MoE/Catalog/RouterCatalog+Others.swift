extension RouterCatalog {
    /// Routers that are not a ``TopKRule``.
    static let others = [
        Entry(
            name: "noisy-top-k",
            summary: "the k largest noisy logits, then softmax over them",
            source: "Shazeer et al. 2017, arXiv 1701.06538, section 2.1",
            loss: "importance 0.1, load 0.1",
            drop: "nothing",
            usedBy: "the language models of that paper"
        ) { options in
            let defaults = NoisyTopKRouter(topK: options.topK ?? 4)
            return NoisyTopKRouter(
                topK: defaults.topK,
                noiseEpsilon: options.noiseEpsilon ?? defaults.noiseEpsilon,
                importanceLoss: options.importanceLoss ?? defaults.importanceLoss,
                loadLoss: options.loadLoss ?? defaults.loadLoss,
                capacity: options.capacity(for: nil),
                isTraining: options.isTraining ?? true
            )
        },
        Entry(
            name: "phimoe",
            summary: "top-2 by logit, each weighed by a softmax over its close rivals (SparseMixer)",
            source: "Abdin et al. 2024, arXiv 2404.14219; Liu et al. 2023, arXiv 2310.00811",
            loss: "switch auxiliary 0.001",
            drop: "nothing",
            usedBy: "Phi-3.5-MoE"
        ) { options in
            SparseMixerRouter(topK: options.topK ?? 2, capacity: options.capacity(for: nil))
        },
        Entry(
            name: "replay",
            summary: "choices recorded elsewhere",
            source: "a routing trace",
            loss: "none",
            drop: "nothing",
            usedBy: "replays of real routing"
        ) { options in
            ReplayRouter(capacity: options.capacity(for: nil))
        },
    ]
}
