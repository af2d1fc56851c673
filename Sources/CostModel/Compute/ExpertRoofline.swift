import MoE

/// Seconds of one expert by its rows: sqrt(memory² + products²). Weights are read once, however few rows there are.
struct ExpertRoofline {
    private let weightSeconds: Double
    /// Seconds of moving one row.
    private let rowSeconds: Double
    /// Seconds of computing one row.
    private let productSeconds: Double
    private let tileRows: Double
    private let movesPadding: Bool

    init(_ work: ExpertWork, _ rates: ProductRates) {
        weightSeconds = work.weightBytes / rates.memoryBytesPerSecond
        rowSeconds = work.productRowBytes / rates.memoryBytesPerSecond
        productSeconds = Double(work.shape.flopsPerToken) / rates.flopsPerSecond(work)
        tileRows = rates.tileRows
        movesPadding = rates.kernel == .contiguous
    }

    /// - Parameter rows: above 0. Fewer than one on average means that the expert is used in that part of the steps only.
    func seconds(rows: Double) -> Double {
        let computed = padded(rows)
        let memory = weightSeconds * min(rows, 1) + (movesPadding ? computed : rows) * rowSeconds
        let products = computed * productSeconds
        return (memory * memory + products * products).squareRoot()
    }

    /// Rows in whole tiles.
    func padded(_ rows: Double) -> Double { (rows / tileRows).rounded(.up) * tileRows * min(rows, 1) }
}
