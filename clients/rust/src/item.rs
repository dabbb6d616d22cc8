use crate::mask::Rle;
use crate::wire::{self, image_ref, item, prediction};

/// A query or an index image, by its name or its position in the benchmark's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref {
    Id(String),
    Index(u32),
}

/// Where an index image stands in the order of its query. All predictions of a query say it in the same way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// Higher is better; finite. Ties go to the lower image index.
    Score(f64),
    /// 0 is best. Ties go to the lower image index.
    Rank(u32),
}

/// Where the query object is in an index image.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    /// COCO compressed run lengths.
    Rle(Rle),
    /// Uncompressed run lengths, column by column, background first.
    Runs { height: u32, width: u32, counts: Vec<u32> },
    /// The union of closed outlines, each x0, y0, x1, y1, ... in pixels of the index image.
    Polygons(Vec<Vec<f64>>),
    /// A box in pixels of the index image.
    Box { x: f64, y: f64, width: f64, height: f64 },
    /// The object was deliberately not segmented.
    NoMask,
    /// Its reader could make no sense of the mask. The server refuses it by name, so that nothing is lost unseen.
    Unreadable(String),
}

/// What a method says of one index image for one query.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    pub query: Ref,
    pub image: Ref,
    /// None when a [`Ranking`] orders the query.
    pub order: Option<Order>,
    /// None is a fault that the server names: to find nothing is said with [`Region::NoMask`].
    pub region: Option<Region>,
}

/// The whole order of one query: image indices, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    pub query: Ref,
    pub images: Vec<u32>,
}

/// One item of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Prediction(Prediction),
    Ranking(Ranking),
}

impl From<u32> for Ref {
    fn from(index: u32) -> Self {
        Self::Index(index)
    }
}

impl From<&str> for Ref {
    fn from(id: &str) -> Self {
        Self::Id(id.into())
    }
}

impl From<String> for Ref {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

impl From<Prediction> for Item {
    fn from(prediction: Prediction) -> Self {
        Self::Prediction(prediction)
    }
}

impl From<Ranking> for Item {
    fn from(ranking: Ranking) -> Self {
        Self::Ranking(ranking)
    }
}

impl From<Item> for wire::Item {
    fn from(value: Item) -> Self {
        let item = match value {
            Item::Prediction(prediction) => item::Item::Prediction(prediction.into()),
            Item::Ranking(Ranking { query, images }) => item::Item::Ranking(wire::Ranking {
                query: Some(query.into()),
                image_indices: images,
            }),
        };
        Self { item: Some(item) }
    }
}

impl From<Prediction> for wire::Prediction {
    fn from(prediction: Prediction) -> Self {
        Self {
            query: Some(prediction.query.into()),
            image: Some(prediction.image.into()),
            order: prediction.order.map(Into::into),
            mask: prediction.region.map(Into::into),
        }
    }
}

impl From<Ref> for wire::ImageRef {
    fn from(value: Ref) -> Self {
        let named = match value {
            Ref::Id(id) => image_ref::Ref::Id(id),
            Ref::Index(index) => image_ref::Ref::Index(index),
        };
        Self { r#ref: Some(named) }
    }
}

impl From<Order> for prediction::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::Score(score) => Self::Score(score),
            Order::Rank(rank) => Self::Rank(rank),
        }
    }
}

impl From<Region> for prediction::Mask {
    fn from(region: Region) -> Self {
        match region {
            Region::Rle(Rle { height, width, counts }) => Self::Rle(wire::RleMask {
                height,
                width,
                counts: counts.into(),
            }),
            Region::Runs { height, width, counts } => Self::Runs(wire::RunsMask { height, width, counts }),
            Region::Polygons(polygons) => {
                let polygons = polygons.into_iter().map(|xy| wire::Polygon { xy }).collect();
                Self::Polygons(wire::PolygonsMask { polygons })
            }
            Region::Box { x, y, width, height } => Self::Box(wire::BoxMask { x, y, width, height }),
            Region::NoMask => Self::NoMask(wire::NoMask {}),
            Region::Unreadable(detail) => Self::Unreadable(wire::UnreadableMask { detail }),
        }
    }
}
