import Cluster

/// What stands for the layers of a run: it begins exchanges in the order in which a coordinator does, submits their chunks
/// one after the other, and says when the results of one are not held any more.
struct SimulatedDriver {
    static let layers = 4

    let batches: Int
    private let ranks: Int
    /// All that were begun, in this order.
    private(set) var exchanges: [SimulatedExchange] = []
    private var begun = 0
    /// Exchanges that have ended.
    private var ended: Set<ExchangeID> = []

    init(batches: Int, ranks: Int) {
        self.batches = batches
        self.ranks = ranks
    }

    var isComplete: Bool { ended.count == Self.layers * batches }

    /// Most exchanges that were under way at a time.
    private(set) var mostUnderWay = 0

    /// Does what can be done: ends what is released, begins the next layer, submits the next chunk.
    mutating func advance(_ machine: inout CoordinatorProtocol, _ network: inout SimulatedNetwork)
        -> [CoordinatorDirective]
    {
        var directives: [CoordinatorDirective] = []
        while true {
            if let last = exchanges.last, !last.isSubmitted {
                // The whole of an exchange is submitted before the next one begins.
                guard !machine.isWaiting(last.id) else { return directives }
                directives += submitNext(&machine, &network)
            } else if !beginNext(&machine, &network) {
                return directives
            }
        }
    }

    private mutating func submitNext(_ machine: inout CoordinatorProtocol, _ network: inout SimulatedNetwork)
        -> [CoordinatorDirective]
    {
        let place = exchanges.count - 1
        let (chunk, works) = exchanges[place].takeNext()
        let id = exchanges[place].id
        // Tokens that lost all their copies wait for nobody.
        if works.isEmpty { network.schedule(.combined(id, chunk), after: 1) }
        return machine.submit(works, to: id)
    }

    /// The layers in turn, and in each of them the micro-batches.
    private mutating func beginNext(_ machine: inout CoordinatorProtocol, _ network: inout SimulatedNetwork) -> Bool {
        endReleased(&machine)
        let (layer, batch) = begun.quotientAndRemainder(dividingBy: batches)
        guard layer < Self.layers else { return false }
        let before = layer == 0 ? nil : exchanges[begun - batches].id
        if let before, !ended.contains(before) { return false }
        // Every second step goes down through its layers.
        let (step, place) = (layer / 2, layer % 2)
        let id = ExchangeID(step: step, layer: step % 2 == 0 ? place : 1 - place, batch: batch)
        begun += 1
        machine.begin(id, now: network.now)
        exchanges.append(SimulatedExchange(id, ranks: ranks, random: &network.random))
        mostUnderWay = max(mostUnderWay, begun - ended.count)
        return true
    }

    private mutating func endReleased(_ machine: inout CoordinatorProtocol) {
        for exchange in exchanges where exchange.isReleased && exchange.isSubmitted {
            if ended.insert(exchange.id).inserted { machine.end(exchange.id) }
        }
    }

    /// An exchange that was begun.
    subscript(id: ExchangeID) -> SimulatedExchange? {
        get { exchanges.last { $0.id == id } }
        set {
            guard let place = exchanges.lastIndex(where: { $0.id == id }), let newValue else { return }
            exchanges[place] = newValue
        }
    }
}
