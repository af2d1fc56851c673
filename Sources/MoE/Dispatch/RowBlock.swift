/// How the rows of one expert are grouped for the matrix products.
///
/// An expert's rows, in token order, are computed in blocks of ``size``, counted from its first row; messages are cut at
/// block boundaries only. So what is summed in one matrix product does not depend on the number of workers or on how
/// the rows travelled, and outputs have the same bits also on processors whose products depend on the row count.
public enum RowBlock {
    /// Rows of a block. At 32 rows oneDNN's packed products have reached their full rate, and there are few enough row
    /// counts to prepare them all before the first batch.
    public static let size = 32
}
