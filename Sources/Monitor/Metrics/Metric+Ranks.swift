internal import Records

extension Metric {
    /// What each rank does.
    static let ofRanks = [
        perRank("epsim_rank_copies_total", "Routed copies that the rank's experts computed.") { $0.copies },
        perRank("epsim_dispatch_bytes_total", "Bytes sent to the rank, envelopes and payloads.") { $0.dispatchBytes },
        perRank("epsim_combine_bytes_total", "Bytes received from the rank, envelopes and payloads.") {
            $0.combineBytes
        },
        perRank(
            "epsim_dispatch_in_flight_seconds_total",
            "Seconds during which tokens travelled to the rank, overlapped or not."
        ) { $0.dispatchInFlightSeconds },
        perRank(
            "epsim_combine_in_flight_seconds_total",
            "Seconds during which outputs travelled back from the rank, overlapped or not."
        ) { $0.combineInFlightSeconds },
        Metric(
            "epsim_rank_phase_seconds_total",
            .counter,
            labels: ["rank", "phase"],
            "Seconds of the rank's phases dispatch, queue, compute, combine and wait; each instant counts once."
        ) { name, state, text in
            for rank in 0..<state.run.ranks {
                for phase in Phase.ofRank {
                    let labels = MetricText.labels(["rank": "\(rank)", "phase": phase.rawValue])
                    text.sample(name, labels, state.sum(ofRank: rank) { $0.seconds[phase] })
                }
            }
        },
        perPair(
            "epsim_dispatch_seconds",
            "Seconds of the phase dispatch of a rank in a layer: tokens on their way to it and nothing computing."
        ) { $0.dispatchSeconds },
        perPair(
            "epsim_combine_seconds",
            "Seconds of the phase combine of a rank in a layer: outputs on their way back and nothing computing."
        ) { $0.combineSeconds },
    ]

    private static func perRank(
        _ name: String,
        _ help: String,
        _ count: @escaping @Sendable (RankRecord) -> Int
    ) -> Metric {
        Metric(name, .counter, labels: ["rank"], help) { name, state, text in
            for rank in 0..<state.run.ranks {
                text.sample(name, "rank=\"\(rank)\"", state.sum(ofRank: rank, count))
            }
        }
    }

    private static func perRank(
        _ name: String,
        _ help: String,
        _ seconds: @escaping @Sendable (RankRecord) -> Double
    ) -> Metric {
        Metric(name, .counter, labels: ["rank"], help) { name, state, text in
            for rank in 0..<state.run.ranks {
                text.sample(name, "rank=\"\(rank)\"", state.sum(ofRank: rank, seconds))
            }
        }
    }

    private static func perPair(
        _ name: String,
        _ help: String,
        _ table: @escaping @Sendable (LiveState) -> HistogramTable
    ) -> Metric {
        Metric(name, .histogram, labels: ["rank", "layer"], help) { name, state, text in
            let table = table(state)
            for pair in 0..<table.series {
                let (rank, layer) = state.grouping.labels(pair: pair)
                text.histogram(name, "rank=\"\(rank)\",layer=\"\(layer)\"", table, series: pair)
            }
        }
    }
}
