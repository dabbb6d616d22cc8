use std::collections::BTreeMap;

use crate::wire;

/// What a server scores. The names of queries and index images are there when the whole benchmark was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Benchmark {
    pub name: String,
    pub query_count: u32,
    pub index_size: u32,
    /// Digest of the ground truth: equal digests give comparable numbers.
    pub digest: String,
    /// The most items that the server takes in a message.
    pub max_batch_items: u32,
    pub query_ids: Vec<String>,
    pub image_ids: Vec<String>,
}

/// One submission on a server. Every item below `committed` is durable and has exactly one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The name to call the session by.
    pub name: String,
    pub benchmark: String,
    pub display_name: String,
    pub is_finalized: bool,
    pub committed: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Images that rankings hold beyond the index.
    pub distractors: u32,
    /// Chain digest of the items below `committed`.
    pub chain_digest: Vec<u8>,
}

/// Why an item does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub offset: u64,
    /// The kind of fault, as in `invalid_mask`; `unknown` when this client is too old to know it.
    pub reason: String,
    /// The field at fault, as in `mask.rle.counts`.
    pub field: String,
    pub message: String,
    pub query: String,
    /// Empty for a ranking.
    pub image: String,
}

/// Metrics of a session at one offset, scored as if nothing more came.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub offset: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// By `easy`, `medium` and `hard`; empty when the server tells no more metrics of this session.
    pub protocols: BTreeMap<String, ProtocolMetrics>,
    /// Chain digest of the items below `offset`.
    pub chain_digest: Vec<u8>,
}

/// Numbers of one protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtocolMetrics {
    /// Fraction of the positive pairs that were predicted; None without positives.
    pub coverage: Option<f64>,
    /// As the published scripts compute them.
    pub official: ConventionMetrics,
    /// The same question, answered soundly.
    pub strict: ConventionMetrics,
    pub official_bounds: Bounds,
    pub strict_bounds: Bounds,
}

/// The least and the greatest final value of every number, over all ways in which the session can go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    pub least: ConventionMetrics,
    pub greatest: ConventionMetrics,
}

/// Numbers of one convention.
#[derive(Clone, Debug, PartialEq)]
pub struct ConventionMetrics {
    pub detection: TaskMetrics,
    pub segmentation: TaskMetrics,
    /// Image-level mAP of the ranking alone; None when undefined.
    pub ranking_map: Option<f64>,
    /// Whether the numbers are those of the convention to the last bit.
    pub is_exact: bool,
}

/// Numbers of one task, in [0, 1], None when undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskMetrics {
    pub miou: Option<f64>,
    pub map_50_95: Option<f64>,
    /// One for each threshold; empty when undefined.
    pub map: Vec<f64>,
}

impl From<wire::Benchmark> for Benchmark {
    fn from(message: wire::Benchmark) -> Self {
        Self {
            name: message.name.trim_start_matches("benchmarks/").into(),
            query_count: message.query_count,
            index_size: message.index_size,
            digest: message.digest,
            max_batch_items: message.limits.unwrap_or_default().max_batch_items,
            query_ids: message.query_ids,
            image_ids: message.image_ids,
        }
    }
}

impl From<wire::Session> for Session {
    fn from(message: wire::Session) -> Self {
        Self {
            is_finalized: message.state() == wire::SessionState::Finalized,
            benchmark: message.benchmark.trim_start_matches("benchmarks/").into(),
            name: message.name,
            display_name: message.display_name,
            committed: message.committed_offset,
            accepted: message.accepted_count,
            rejected: message.rejected_count,
            distractors: message.distractor_count,
            chain_digest: message.chain_digest,
        }
    }
}

impl From<wire::Rejection> for Rejection {
    fn from(message: wire::Rejection) -> Self {
        let reason = wire::RejectionReason::try_from(message.reason).map(|reason| reason.as_str_name());
        Self {
            reason: reason
                .unwrap_or("unknown")
                .trim_start_matches("REJECTION_REASON_")
                .to_lowercase(),
            offset: message.offset,
            field: message.field,
            message: message.message,
            query: message.query,
            image: message.image,
        }
    }
}

impl From<wire::Snapshot> for Snapshot {
    fn from(message: wire::Snapshot) -> Self {
        let protocols = message.protocols.into_iter();
        Self {
            offset: message.offset,
            accepted: message.accepted_count,
            rejected: message.rejected_count,
            protocols: protocols
                .map(|metrics| (metrics.protocol.clone(), metrics.into()))
                .collect(),
            chain_digest: message.chain_digest,
        }
    }
}

impl From<wire::ProtocolMetrics> for ProtocolMetrics {
    fn from(message: wire::ProtocolMetrics) -> Self {
        Self {
            coverage: message.coverage,
            official: message.official.unwrap_or_default().into(),
            strict: message.strict.unwrap_or_default().into(),
            official_bounds: message.official_bounds.unwrap_or_default().into(),
            strict_bounds: message.strict_bounds.unwrap_or_default().into(),
        }
    }
}

impl From<wire::Bounds> for Bounds {
    fn from(message: wire::Bounds) -> Self {
        Self {
            least: message.least.unwrap_or_default().into(),
            greatest: message.greatest.unwrap_or_default().into(),
        }
    }
}

impl From<wire::ConventionMetrics> for ConventionMetrics {
    fn from(message: wire::ConventionMetrics) -> Self {
        Self {
            detection: message.detection.unwrap_or_default().into(),
            segmentation: message.segmentation.unwrap_or_default().into(),
            ranking_map: message.ranking_map,
            is_exact: message.exact,
        }
    }
}

impl From<wire::TaskMetrics> for TaskMetrics {
    fn from(message: wire::TaskMetrics) -> Self {
        Self {
            miou: message.miou,
            map_50_95: message.map_50_95,
            map: message.map,
        }
    }
}
