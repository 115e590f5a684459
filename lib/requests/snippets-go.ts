import type { BodyPiece } from "@/lib/requests/snippets-body";
import { goLiteral } from "@/lib/requests/snippets-literals";
import type { SnippetTarget } from "@/lib/requests/snippets-target";

const JSON_OF = `
// jsonOf is the value of an environment variable as a JSON string.
func jsonOf(variable string) string {
	text, err := json.Marshal(os.Getenv(variable))
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}
`;

/** With net/http alone: the body goes out to the letter. */
export function goHttp(pieces: readonly BodyPiece[], { url, statusUrl }: SnippetTarget): string {
  const hasVariables = pieces.length > 1;
  const body = pieces
    .map((piece) => ("text" in piece ? goLiteral(piece.text) : `jsonOf(${goLiteral(piece.variable)})`))
    .join(" + ");
  return `package main

import (
${hasVariables ? '\t"encoding/json"\n' : ""}	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)
${hasVariables ? JSON_OF : ""}
func main() {
	body := ${body}

	request, err := http.NewRequest("POST", ${goLiteral(url)}, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("RUNPOD_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	// The answer names the job. Its status and result: GET ${statusUrl}
	fmt.Println(response.Status, string(answer))
}
`;
}
