import Cluster
import Testing

@Suite("Coordinator: slots that change")
struct SlotMoveTests {
    private func prepared(
        _ rank: Int,
        layer: Int = 0,
        map: UInt16 = 1,
        refusal: String? = nil
    ) throws -> Message {
        let answer = Prepared(layer: layer, map: map, copies: 1, bytes: 64, seconds: 0.5, refusal: refusal)
        return try .control(.prepared, answer, epoch: TestCluster.epoch)
    }

    @Test func aLayerSwitchesWhenAllHaveLoaded() throws {
        var cluster = try TestCluster.ready(workers: 2)
        let told = cluster.machine.prepare(layer: 1, experts: [[0, 2], [1, 3]], now: 0)
        #expect(told.messages.map(\.envelope.kind) == [.prepare, .prepare])
        let arrivals = try told.messages.map { try ControlCoding.decode(SlotArrival.self, from: $0.control) }
        #expect(arrivals == [.init(layer: 1, map: 1, experts: [0, 2]), .init(layer: 1, map: 1, experts: [1, 3])])
        #expect(cluster.machine.isMovingSlots)
        #expect(cluster.machine.received(try prepared(0, layer: 1), from: .worker(0), now: 1).isEmpty)
        #expect(cluster.machine.settle(now: 1).settled.isEmpty)
        #expect(cluster.machine.received(try prepared(1, layer: 1), from: .worker(1), now: 2).isEmpty)
        let (settled, directives) = cluster.machine.settle(now: 2)
        #expect(
            settled.map(\.layer) == [1] && settled[0].refusal == nil && settled[0].answers.map(\.bytes) == [64, 64]
        )
        let settlements = try directives.messages.map { try ControlCoding.decode(Settlement.self, from: $0.control) }
        #expect(settlements == [Settlement](repeating: .init(layer: 1, map: 1, switches: true), count: 2))
        #expect(!cluster.machine.isMovingSlots)
        // What goes out from now on names the new map.
        let dispatch = cluster.begin([[.of(1)]], ExchangeID(step: 0, layer: 1, batch: 0)).first
        #expect(dispatch?.envelope.map == 1)
    }

    @Test func oneRefusalKeepsTheOldMapEverywhere() throws {
        var cluster = try TestCluster.ready(workers: 2)
        _ = cluster.machine.prepare(layer: 0, experts: [[0, 2], [1, 3]], now: 0)
        _ = cluster.machine.received(try prepared(1, refusal: "no room"), from: .worker(1), now: 1)
        let (settled, directives) = cluster.machine.settle(now: 1)
        #expect(settled.map(\.refusal) == ["rank 1: no room"])
        let settlements = try directives.messages.map { try ControlCoding.decode(Settlement.self, from: $0.control) }
        #expect(settlements.map(\.switches) == [false, false])
        // The other's answer comes late, and the next map has another number.
        #expect(cluster.machine.received(try prepared(0), from: .worker(0), now: 2).isEmpty)
        #expect(cluster.begin([[.of(1)]]).first?.envelope.map == 0)
        let again = cluster.machine.prepare(layer: 0, experts: [[0, 2], [1, 3]], now: 3).messages
        #expect(try ControlCoding.decode(SlotArrival.self, from: again[0].control).map == 2)
        _ = cluster.machine.received(try prepared(0), from: .worker(0), now: 4)
        _ = cluster.machine.received(try prepared(1), from: .worker(1), now: 4)
        #expect(cluster.machine.settle(now: 4).settled.isEmpty, "answers to the first map count for nothing")
    }

    @Test func whoLoadsTooLongIsNotWaitedFor() throws {
        var cluster = try TestCluster.ready(workers: 2)
        _ = cluster.machine.prepare(layer: 0, experts: [[0, 2], [1, 3]], now: 0)
        _ = cluster.machine.received(try prepared(0), from: .worker(0), now: 1)
        #expect(cluster.machine.settle(now: deadlines.start).settled.isEmpty)
        let settled = cluster.machine.settle(now: deadlines.start + 1).settled
        #expect(
            settled.map(\.refusal)
                == ["rank 1 had not loaded its experts after 10.0 s (cluster.start_seconds)"]
        )
    }

    @Test func slotsThatNobodyAskedForEndTheRun() throws {
        for map in [UInt16(0), 1, 40_000] {
            var cluster = try TestCluster.ready(workers: 1)
            let message = try prepared(0, map: map)
            #expect(
                cluster.machine.received(message, from: .worker(0), now: 0).failure?
                    .contains("loaded slots of layer 0 that it was not told of") == true
            )
        }
        var cluster = try TestCluster.ready(workers: 1)
        _ = cluster.machine.prepare(layer: 0, experts: [[0, 2]], now: 0)
        #expect(cluster.machine.received(try prepared(0, map: 2), from: .worker(0), now: 0).failure != nil)
    }
}
