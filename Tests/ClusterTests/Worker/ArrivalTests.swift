import Cluster
import Testing

@Suite("Worker: slots that change")
struct ArrivalTests {
    private let arrival = SlotArrival(layer: 1, map: 1, experts: [2, 3])
    private let loaded = Prepared(layer: 1, map: 1, copies: 2, bytes: 64, seconds: 0.5)

    private func receive(_ kind: MessageKind, _ value: some Encodable, _ worker: inout TestWorker) throws
        -> [WorkerDirective]
    {
        worker.machine.received(try .control(kind, value, epoch: TestWorker.epoch), now: 0)
    }

    private func settlement(switches: Bool = true, layer: Int = 1, map: UInt16 = 1) -> Settlement {
        Settlement(layer: layer, map: map, switches: switches)
    }

    @Test func slotsAreLoadedBesideAndServeWhenTold() throws {
        var worker = try TestWorker.serving()
        let weights = Assignment.tiny().weights
        #expect(try receive(.prepare, arrival, &worker) == [.prepare(arrival, weights, epoch: TestWorker.epoch)])
        #expect(try receive(.prepare, arrival, &worker).isEmpty, "a repeated message")
        let old = TestBatch(rows: 1, layer: 1)
        #expect(worker.receive(old).layout != nil, "old slots serve")
        #expect(worker.computed(old) != nil)
        let answer = worker.machine.prepared(loaded, epoch: TestWorker.epoch)
        #expect(answer.keeps)
        #expect(answer.directives == [.send(try .control(.prepared, loaded, epoch: TestWorker.epoch))])
        #expect(try receive(.settle, settlement(), &worker) == [.adopt(layer: 1, experts: [2, 3])])
        #expect(try receive(.settle, settlement(), &worker).isEmpty, "a repeated message")
        var new = TestBatch(rows: 1, step: 1, layer: 1)
        new.envelope.map = 1
        #expect(worker.receive(new).layout != nil)
    }

    @Test func tokensForAnotherMapAreRefused() throws {
        var worker = try TestWorker.serving()
        var batch = TestBatch(rows: 1, layer: 1)
        batch.envelope.map = 1
        let reason = worker.receive(batch).others.exitReason
        #expect(reason == "the coordinator sent tokens for map 1 of layer 1, which has 0")
    }

    @Test func oldSlotsStayWhereTheChangeIsDropped() throws {
        var worker = try TestWorker.serving()
        _ = try receive(.prepare, arrival, &worker)
        #expect(try receive(.settle, settlement(switches: false), &worker) == [.drop(layer: 1)])
        let late = worker.machine.prepared(loaded, epoch: TestWorker.epoch)
        #expect(!late.keeps, "nobody wants it any more")
        #expect(worker.receive(TestBatch(rows: 1, layer: 1)).layout != nil)
        var next = arrival
        next.map = 2
        #expect(try receive(.prepare, next, &worker).count == 1)
    }

    @Test func whatWasRefusedIsNotKept() throws {
        var worker = try TestWorker.serving()
        _ = try receive(.prepare, arrival, &worker)
        var refusal = loaded
        refusal.refusal = "no room"
        let answer = worker.machine.prepared(refusal, epoch: TestWorker.epoch)
        #expect(!answer.keeps && answer.directives.messages.count == 1)
        let reason = try receive(.settle, settlement(), &worker).exitReason
        #expect(reason == "the coordinator sent a switch of layer 1 to slots that are not loaded")
    }

    @Test func slotsOfARunThatWasLeftAreForgotten() throws {
        var worker = try TestWorker.serving(stays: true)
        _ = try receive(.prepare, arrival, &worker)
        _ = worker.receive(.release)
        let answer = worker.machine.prepared(loaded, epoch: TestWorker.epoch)
        #expect(!answer.keeps && answer.directives.isEmpty)
        try worker.assign(epoch: 8, now: second)
        _ = worker.machine.loaded(.fresh, now: second)
        #expect(worker.receive(TestBatch(rows: 1, layer: 1, epoch: 8)).layout != nil, "maps count from 0 again")
        #expect(worker.machine.prepared(loaded, epoch: TestWorker.epoch).directives.isEmpty)
    }

    @Test(arguments: [
        (SlotArrival(layer: 2, map: 1, experts: [2, 3]), "new slots for layer 2 of 2"),
        (SlotArrival(layer: -1, map: 1, experts: [2, 3]), "new slots for layer -1 of 2"),
        (SlotArrival(layer: 1, map: 1, experts: [2, 4]), "a new slot for expert 4 in layer 1 of 4 experts"),
        (SlotArrival(layer: 1, map: 1, experts: [2, -1]), "a new slot for expert -1 in layer 1 of 4 experts"),
        (SlotArrival(layer: 1, map: 1, experts: [2]), "1 new slots for the 2 of layer 1"),
    ])
    func impossibleSlotsAreRefused(arrival: SlotArrival, reason: String) throws {
        var worker = try TestWorker.serving()
        #expect(try receive(.prepare, arrival, &worker).exitReason == "the coordinator sent \(reason)")
    }

    @Test func anotherChangeOfTheSameLayerIsRefused() throws {
        var worker = try TestWorker.serving()
        _ = try receive(.prepare, arrival, &worker)
        var next = arrival
        next.map = 2
        #expect(
            try receive(.prepare, next, &worker).exitReason
                == "the coordinator sent new slots for layer 1, which is changing already"
        )
        var other = try TestWorker.serving()
        #expect(
            try receive(.settle, settlement(), &other).exitReason
                == "the coordinator sent the end of a change of layer 1 that it was not told of"
        )
    }

    @Test func slotsDoNotSwitchInTheMiddleOfAStep() throws {
        var worker = try TestWorker.serving()
        _ = try receive(.prepare, arrival, &worker)
        _ = worker.machine.prepared(loaded, epoch: TestWorker.epoch)
        #expect(worker.receive(TestBatch(rows: 1)).layout != nil)
        #expect(
            try receive(.settle, settlement(), &worker).exitReason
                == "the coordinator sent a switch of layer 1 in the middle of a step"
        )
    }
}
