import Cluster
import Basics

extension RunSchema {
    private typealias Entry = Option<RunConfiguration>

    private static let delayed = When.of(
        "cluster.delay_phase",
        \.cluster.delayPhase,
        .dispatch,
        .queue,
        .compute,
        .combine
    )
    private static let hasReplicated = When(
        ["model.shared_ffn", "model.dense_ffn"],
        "model.shared_ffn or model.dense_ffn is above 0"
    ) { $0.model.sharedFfn > 0 || $0.model.denseFfn > 0 ? nil : "model.shared_ffn" }

    /// The settings of the section `cluster`.
    static let cluster: [Option<RunConfiguration>] = [
        Entry(
            "cluster.workers",
            \.cluster.workers,
            .integer(1...65535),
            "Ranks: worker processes of a live run, devices of a prediction; at most model.experts."
        ),
        Entry("cluster.transport", \.cluster.transport, .choice, "What carries the messages of a local run."),
        Entry(
            optional: "cluster.endpoint",
            \.cluster.endpoint,
            .endpoint,
            "Where the coordinator binds; chosen when left out."
        ),
        Entry("cluster.placement", \.cluster.placement, .choice, "Which rank holds which expert."),
        Entry(
            "cluster.shared",
            \.cluster.shared,
            .choice,
            "Where shared experts and dense networks run: on every rank, or on the coordinator while the ranks compute.",
            when: hasReplicated
        ),
        Entry(
            "cluster.combine",
            \.cluster.combine,
            .choice,
            "Whether a worker returns the outputs of a token one by one or their weighted sum."
        ),
        Entry(
            "cluster.gate_weights",
            \.cluster.gateWeights,
            .choice,
            "Who multiplies the gate weights in.",
            when: .of("cluster.combine", \.cluster.combine, .copies)
        ),
        Entry("cluster.payload", \.cluster.payload, .choice, "Number type of token rows on the wire."),
        Entry(
            "cluster.dispatch_payload",
            \.cluster.dispatchPayload,
            .choice,
            "Number type of rows on their way to the experts; payload means that of cluster.payload."
        ),
        Entry(
            optional: "cluster.chunk_tokens",
            \.cluster.chunkTokens,
            .integer(1...1_048_576),
            "Most tokens of a chunk, the part of a layer that travels as one message per worker; chosen when left out."
        ),
        Entry(
            "cluster.credit_mib",
            \.cluster.creditMib,
            .integer(1...65536),
            "Bytes in flight per worker: rows sent plus the outputs expected for them.",
            unit: "MiB"
        ),
        Entry("cluster.threads", \.cluster.threads, .integer(1...256), "Threads per worker."),
        Entry(
            optional: "cluster.key_file",
            \.cluster.keyFile,
            .path,
            "CURVE keys; without them nothing is encrypted."
        ),
        Entry(
            "cluster.start_seconds",
            \.cluster.startSeconds,
            .number(0.1...3600),
            "All workers must be ready within this time.",
            unit: "s"
        ),
        Entry(
            "cluster.heartbeat_seconds",
            \.cluster.heartbeatSeconds,
            .number(0.05...60),
            "Time between two signs of life; a worker silent for four of them is lost.",
            unit: "s"
        ),
        Entry(
            "cluster.layer_seconds",
            \.cluster.layerSeconds,
            .number(0.1...3600),
            "All replies of one layer must be there within this time.",
            unit: "s"
        ),
        Entry(
            "cluster.delay_phase",
            \.cluster.delayPhase,
            .choice,
            "The phase that an artificial delay makes slower, to study stragglers."
        ),
        Entry(
            "cluster.delay_rank",
            \.cluster.delayRank,
            .integer(0...65534),
            "The rank that is delayed; below cluster.workers.",
            when: delayed
        ),
        Entry(
            "cluster.delay_milliseconds",
            \.cluster.delayMilliseconds,
            .number(0...60000),
            "The delay in each layer.",
            unit: "ms",
            when: delayed
        ),
    ]
}
