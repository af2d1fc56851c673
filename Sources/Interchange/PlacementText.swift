import Basics
public import Placement

extension PlacementForm {
    /// The text of a placement in this form.
    ///
    /// - Parameter firstLayer: dense layers of the model before its first MoE layer. SGLang's file counts them, too;
    ///   they get the experts in order.
    /// - Throws: ``PlacementError`` where the form needs equally many slots on each rank and the placement has not.
    public func text(of placement: Placement, firstLayer: Int) throws(PlacementError) -> String {
        if self != .vllmAscend {
            for (layer, placed) in placement.layers.enumerated() {
                let counts = Set((0..<placed.ranks).map { placed.slotNumbers(onRank: $0).count })
                guard counts.count == 1 else {
                    throw PlacementError(
                        "layer \(layer) has \(counts.sorted()) slots on its ranks; \(rawValue) needs equally many on each"
                    )
                }
            }
        }
        do {
            switch self {
            case .epsim: return try JSONText.line(own(placement, firstLayer)) + "\n"
            case .sglang: return try JSONText.line(sglang(placement, firstLayer)) + "\n"
            case .vllm: return try JSONText.line(vllm(placement)) + "\n"
            case .tensorrtLLM: return tensorrtLLM(placement, firstLayer)
            case .vllmAscend: return try JSONText.line(ascend(placement, firstLayer)) + "\n"
            }
        } catch {
            throw PlacementError("\(error)")
        }
    }

    private func own(_ placement: Placement, _ firstLayer: Int) -> JSONValue {
        .members([
            "experts": .integer(placement.experts),
            "ranks": .integer(placement.ranks),
            "first_layer": .integer(firstLayer),
            "slots": .list(placement.layers.map { Self.experts($0) }),
        ])
    }

    private func sglang(_ placement: Placement, _ firstLayer: Int) -> JSONValue {
        let dense = (0..<firstLayer).map { _ in
            JSONValue.list(placement[0].slots.indices.map { .integer($0 % placement.experts) })
        }
        return .members(["physical_to_logical_map": .list(dense + placement.layers.map { Self.experts($0) })])
    }

    private func vllm(_ placement: Placement) -> JSONValue {
        let redundant = (placement.layers.map(\.slots.count).max() ?? 0) - placement.experts
        func slots(_ layer: LayerPlacement, _ expert: Int) -> JSONValue {
            let held = layer.slotNumbers(ofExpert: expert).map { JSONValue.integer(Int($0)) }
            return .list(held + [JSONValue](repeating: .integer(-1), count: redundant + 1 - held.count))
        }
        let experts = 0..<placement.experts
        return .members([
            "physical_to_logical_map": .list(placement.layers.map { Self.experts($0) }),
            "logical_to_physical_map": .list(
                placement.layers.map { layer in .list(experts.map { slots(layer, $0) }) }
            ),
            "logical_replica_count": .list(
                placement.layers.map { layer in .list(experts.map { .integer(layer.slotNumbers(ofExpert: $0).count) }) }
            ),
        ])
    }

    private func tensorrtLLM(_ placement: Placement, _ firstLayer: Int) -> String {
        let lines = placement.layers.enumerated().map { layer, placed in
            let experts = placed.slots.map { String($0.expert) }.joined(separator: ", ")
            return "  \(firstLayer + layer): [\(experts)]\n"
        }
        return "initial_global_assignments:\n" + lines.joined()
            + "num_slots: \(placement[0].slots.count)\nlayer_updates_per_iter: 0\n"
    }

    private func ascend(_ placement: Placement, _ firstLayer: Int) -> JSONValue {
        let layers = placement.layers.enumerated().map { layer, placed in
            let devices = (0..<placed.ranks).map { rank in
                JSONValue.members([
                    "device_id": .integer(rank),
                    "device_expert": .list(placed.experts(onRank: rank).map { .integer($0) }),
                ])
            }
            return JSONValue.members([
                "layer_id": .integer(firstLayer + layer),
                "device_count": .integer(placed.ranks),
                "device_list": .list(devices),
            ])
        }
        return .members(["moe_layer_count": .integer(placement.layers.count), "layer_list": .list(layers)])
    }

    private static func experts(_ layer: LayerPlacement) -> JSONValue {
        .list(layer.slots.map { .integer($0.expert) })
    }
}
