package main

import (
	"encoding/json"
	"io"
	"iter"

	pixret "github.com/pixret/pixret/clients/go"
	"github.com/pixret/pixret/clients/go/submission"
)

// line is a row of a submission, or one of the two forms that submissions do not have.
type line struct {
	submission.Row
	Ranking []uint32 `json:"ranking"`
	Unset   bool     `json:"unset"`
}

func items(source io.Reader) iter.Seq2[pixret.Item, error] {
	return func(yield func(pixret.Item, error) bool) {
		for decoder := json.NewDecoder(source); ; {
			var row line
			if err := decoder.Decode(&row); err == io.EOF {
				return
			} else if err != nil {
				yield(nil, err)
				return
			}
			if item, err := row.item(); !yield(item, err) || err != nil {
				return
			}
		}
	}
}

func (row *line) item() (pixret.Item, error) {
	if row.Ranking != nil {
		query := pixret.Ref{}
		if row.QueryID != nil {
			query = pixret.ID(*row.QueryID)
		} else if row.QueryIndex != nil {
			query = pixret.Index(*row.QueryIndex)
		}
		return pixret.Ranking{Query: query, Images: row.Ranking}, nil
	}
	prediction, err := row.Prediction()
	if row.Unset {
		prediction.Region = nil
	}
	return prediction, err
}
