package pixret

import (
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a call that the server refused, or that did not reach it. Fields holds what is wrong with which field, where
// the server told so.
type Error struct {
	Code    codes.Code
	Message string
	Fields  map[string]string
}

func (err *Error) Error() string { return fmt.Sprintf("pixret: %s: %s", err.Code, err.Message) }

// Is makes errors.Is(err, pixret.ErrUnavailable) true for a server that was not reached or is about to stop.
func (err *Error) Is(target error) bool {
	return target == ErrUnavailable && err.Code == codes.Unavailable
}

// ErrUnavailable stands for a server that is not there, or not any more: the same call may go through later.
var ErrUnavailable = errors.New("pixret: the server is unavailable")

// failure turns a gRPC error into an Error; nil and errors of other kinds, as a context's, stay as they are.
func failure(err error) error {
	reported, ok := status.FromError(err)
	if err == nil || !ok {
		return err
	}
	failed := &Error{Code: reported.Code(), Message: reported.Message()}
	for _, detail := range reported.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			failed.Fields = map[string]string{}
			for _, violation := range bad.GetFieldViolations() {
				failed.Fields[violation.GetField()] = violation.GetDescription()
			}
		}
	}
	return failed
}

// CodeName is gRPC's own name of a code, as in FAILED_PRECONDITION.
func CodeName(value codes.Code) string { return code.Code(value).String() }
