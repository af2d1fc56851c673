import Figures
import Records

/// One rank in one (step, layer), with its part of the layer's load.
struct RankSample {
    /// The record.
    let record: RankRecord
    /// Its copies / the copies of all ranks, or nil when there are none.
    let share: Double?
    /// Its copies / the mean over ranks, or nil when there are none.
    let imbalance: Double?

    /// A sample of a layer that all `ranks` ranks share.
    init(_ record: RankRecord, of layer: LayerRecord, ranks: Int) {
        let copies = layer.ranks.reduce(0) { $0 + $1.copies }
        self.record = record
        share = Average.ratio(Double(record.copies), Double(copies))
        imbalance = share.map { $0 * Double(ranks) }
    }
}
